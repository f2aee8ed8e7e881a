// A server of its own process, that a test can stop for a while.
import { respond } from '@tsws/http'
import { createServer } from '../src/index.ts'

const server = createServer(() => respond.text('x'))
const address = await server.listen({ host: '127.0.0.1', port: 0 })
if ('port' in address) process.stdout.write(`port ${address.port}\n`)
