import { compose, respond } from '@tsws/http'
import { accessLog, createLogger, health, Readiness, requestId } from '@tsws/observe'

export const log = createLogger({ format: 'json', destination: 1 })

const readiness = new Readiness({ onFailure: (check, err) => log.logger.warn({ check, err }, 'not ready') })
readiness.add('database', async (signal) => {
  signal.throwIfAborted() // ask the database here
})

export const handler = compose([requestId(), health({ readiness })], () => respond.text('hello\n'))

// For the engine: createServer(handler, { observer }). At the end: await log.close()
export const observer = accessLog(log.logger)
