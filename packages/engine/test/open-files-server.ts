// A server of its own process, started with few open files allowed: it says what it is warned of.
import { respond } from '@tsws/http'
import { readFileSync } from 'node:fs'
import { createServer } from '../src/index.ts'

process.on('warning', (warning) =>
  process.stdout.write(`warning ${(warning as { code?: string }).code} ${warning.message}\n`),
)
// Two servers, as a process of several threads has: neither knows the connections of the other.
const ports: number[] = []
for (let count = 0; count < 2; count++) {
  const server = createServer(() => respond.text(readFileSync(import.meta.filename, 'utf8')))
  const address = await server.listen({ host: '127.0.0.1', port: 0 })
  if ('port' in address) ports.push(address.port)
}
process.stdout.write(`ports ${ports.join(' ')}\n`)
