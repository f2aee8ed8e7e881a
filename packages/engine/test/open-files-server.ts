// A server of its own process, started with few open files allowed: it says what it is warned of.
import { respond } from '@tsws/http'
import { readFileSync } from 'node:fs'
import { createServer } from '../src/index.ts'

process.on('warning', (warning) =>
  process.stdout.write(`warning ${(warning as { code?: string }).code} ${warning.message}\n`),
)
const server = createServer(() => respond.text(readFileSync(import.meta.filename, 'utf8')))
const address = await server.listen({ host: '127.0.0.1', port: 0 })
process.stdout.write(`port ${'port' in address ? address.port : 0}\n`)
