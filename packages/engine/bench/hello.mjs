import { createServer } from '@tsws/engine'
import { respond } from '@tsws/http'
const server = createServer(() => respond.text('Hello, World!'))
await server.listen({ host: '127.0.0.1', port: Number(process.argv[2]) })
