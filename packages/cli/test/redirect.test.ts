import { createServer } from 'node:net'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connectRaw, listenOnFreePort, runCommand, tempSite } from '@tsws/testing'
import type { ReadResponse, TempSite } from '@tsws/testing'
import { commandLine, startTsws } from './tsws.ts'
import type { Ready } from './tsws.ts'

let site: TempSite
let home: string
beforeAll(async () => {
  site = await tempSite({
    'index.html': 'home',
    '.well-known/acme-challenge/of-root': 'of the root',
    '../acme/.well-known/acme-challenge/of-acme': 'of the other',
  })
  home = mkdtempSync(join(tmpdir(), 'tsws-home-'))
})
afterAll(async () => {
  await site.remove()
  rmSync(home, { recursive: true, force: true })
})

const env = (): NodeJS.ProcessEnv => ({ XDG_DATA_HOME: home, LOCALAPPDATA: home })

async function get(port: number, path: string, host: string): Promise<ReadResponse> {
  using client = await connectRaw(port)
  client.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)
  return await client.readResponse()
}

describe.each([['1'], ['2']])('--redirect-port with %s threads', (threads) => {
  test('sends plain HTTP to HTTPS, where the certificate is for the host', async () => {
    const args = [site.root, '--tls', '--redirect-port', '0', '--threads', threads, '--log', 'json']
    await using tsws = await startTsws(args, { env: env() })
    const { redirectPort: plain } = tsws.ready as Ready & { redirectPort: number }
    const answer = await get(plain, '/a?b', `localhost:${plain}`)
    // The certificate is a local one: a browser must not remember it for every program on that port.
    expect([answer.status, answer.get('location')]).toEqual([307, `https://localhost:${tsws.port}/a?b`])
    expect((await get(plain, '/', 'evil.example')).status).toBe(421)
    expect((await get(plain, '/health', 'evil.example')).status).toBe(200)
    expect((await get(plain, '/.well-known/acme-challenge/of-root', 'localhost')).text()).toBe('of the root')
  })

  test('says which port is taken', async () => {
    const taken = await listenOnFreePort(createServer())
    const args = [
      site.root,
      '--tls',
      '--port',
      '0',
      '--redirect-port',
      String(taken.port),
      '--threads',
      threads,
    ]
    const { code, stderr } = await runCommand(commandLine(...args), { env: env() })
    expect(code).toBe(1)
    expect(stderr).toMatch(
      new RegExp(`port ${taken.port} on 127\\.0\\.0\\.1 is taken\\. Choose another with --redirect-port`),
    )
    await taken.close()
  })
})

test('--redirect-to-port and --acme-webroot say where to, and whose proofs', async () => {
  const args = ['--redirect-to-port', '443', '--acme-webroot', site.path('../acme')]
  await using tsws = await startTsws([site.root, '--tls', '--redirect-port', '0', ...args], { env: env() })
  const { redirectPort: plain } = tsws.ready as Ready & { redirectPort: number }
  expect((await get(plain, '/', 'localhost')).get('location')).toBe('https://localhost/')
  expect((await get(plain, '/.well-known/acme-challenge/of-acme', 'localhost')).text()).toBe('of the other')
  expect((await get(plain, '/.well-known/acme-challenge/of-root', 'localhost')).status).toBe(307)
})

test('--redirect-port without TLS is a slip of one line', async () => {
  const { code, stderr } = await runCommand(commandLine(site.root, '--port', '0', '--redirect-port', '0'))
  expect(code).toBe(2)
  expect(stderr).toBe('tsws: --redirect-port sends clients to HTTPS, which needs --tls or --tls-cert\n')
})
