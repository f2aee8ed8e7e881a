import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { sendRaw, testCertificate } from '@tsws/testing'
import { expect, test } from 'vitest'
import { DEFAULTS } from '../src/index.ts'
import { startHttps } from './readme-example.ts'

const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8')

test('the README shows the example that runs here', async () => {
  expect(readme).toContain(await readFile(new URL('./readme-example.ts', import.meta.url), 'utf8'))
})

test('the example answers over TLS', async () => {
  const { server } = startHttps(testCertificate(), 0)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const answer = await sendRaw(port, 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n', { tls: true })
  expect(answer.toString()).toMatch(/^HTTP\/1\.1 200 [^]*\r\n\r\nhello\n$/)
  server.close()
})

test('the README names every option that has a default', () => {
  for (const option of Object.keys(DEFAULTS)) expect(readme).toContain(`| \`${option}\` |`)
})
