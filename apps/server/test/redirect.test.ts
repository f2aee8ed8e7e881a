import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connectRaw, listenOnFreePort, tempSite, testCertificate, withServer } from '@tsws/testing'
import type { ReadResponse, TempSite } from '@tsws/testing'
import { startServer } from '../src/index.ts'
import type { RedirectOptions, RunningServer, ServerConfig } from '../src/index.ts'
import { resolveConfig } from '../src/options.ts'

let site: TempSite
const tls = testCertificate(['shop.example', '*.shop.example', '127.0.0.1'])

beforeAll(async () => {
  site = await tempSite({
    'index.html': '<p>home',
    '.well-known/acme-challenge/from-root': 'token of the root',
    '../acme/.well-known/acme-challenge/a-Token_1': 'a-Token_1.thumbprint',
    '../acme/secret.txt': 'not this',
  })
})
afterAll(() => site.remove())

const start =
  (redirect: Partial<RedirectOptions> = {}, config: ServerConfig = {}) =>
  (): Promise<RunningServer> =>
    startServer({ root: site.root, port: 0, tls, redirect: { port: 0, ...redirect }, ...config })

async function ask(
  server: RunningServer,
  path: string,
  host = 'shop.example',
  method = 'GET',
): Promise<ReadResponse> {
  using connection = await connectRaw(server.redirectPort as number, { methods: [method] })
  const field = host === '' ? '' : `Host: ${host}\r\n`
  connection.write(`${method} ${path} HTTP/1.${host === '' ? 0 : 1}\r\n${field}\r\n`)
  return await connection.readResponse()
}

describe('the plain port beside HTTPS', () => {
  test('sends every request to the same path over TLS, and keeps its method', async () => {
    await withServer(start(), async (server) => {
      for (const method of ['GET', 'HEAD', 'POST']) {
        const answer = await ask(server, '/a%20b/c?d=e&f', 'shop.example:8080', method)
        expect([answer.status, answer.get('location')]).toEqual([
          308,
          `https://shop.example:${server.port}/a%20b/c?d=e&f`,
        ])
      }
      // RFC 6797 §7.2: what anybody could have written says nothing about TLS.
      expect((await ask(server, '/')).get('strict-transport-security')).toBeNull()
      expect((await ask(server, '/')).get('x-content-type-options')).toBe('nosniff')
    })
  })

  test('leaves out the port 443, and takes another one where something forwards it', async () => {
    await withServer(start({ toPort: 443 }), async (server) => {
      expect((await ask(server, '/')).get('location')).toBe('https://shop.example/')
    })
    await withServer(start({ toPort: 8443, permanent: false }), async (server) => {
      const answer = await ask(server, '/')
      expect([answer.status, answer.get('location')]).toEqual([307, 'https://shop.example:8443/'])
    })
  })

  test.each([
    ['WWW.shop.example', 'https://WWW.shop.example/'],
    ['shop.example.', 'https://shop.example/'],
    ['127.0.0.1:80', 'https://127.0.0.1/'],
  ])('goes to %s, which a certificate is for', async (host, location) => {
    await withServer(start({ toPort: 443 }), async (server) => {
      expect((await ask(server, '/', host)).get('location')).toBe(location)
    })
  })

  test.each(['evil.example', 'shop.example.evil.example', 'a.b.shop.example', '192.0.2.1', '[::1]', ''])(
    'sends nobody to %j, which no certificate is for',
    async (host) => {
      await withServer(start(), async (server) => {
        const answer = await ask(server, '/', host)
        expect([answer.status, answer.get('location')]).toEqual([421, null])
      })
    },
  )

  test('stays on the host whatever the path looks like', async () => {
    await withServer(start({ toPort: 443 }), async (server) => {
      for (const path of ['//evil.example/', '/\\evil.example', '/@evil.example', '/%0d%0aX-Evil:%201']) {
        const location = (await ask(server, path)).get('location') as string
        expect(new URL(location).host).toBe('shop.example')
      }
      const absolute = await ask(server, 'http://evil.example/')
      expect([absolute.status, absolute.get('location')]).toEqual([421, null])
      expect((await ask(server, 'http://shop.example')).get('location')).toBe('https://shop.example/')
    })
  })

  test('answers only for allowed hosts where there are any', async () => {
    await withServer(start({}, { allowedHosts: ['shop.example'] }), async (server) => {
      expect((await ask(server, '/', 'shop.example')).status).toBe(308)
      expect((await ask(server, '/', 'www.shop.example')).status).toBe(421)
    })
  })

  test('answers health checks, whoever they ask for', async () => {
    await withServer(start(), async (server) => {
      for (const path of ['/health', '/health/ready'])
        expect((await ask(server, path, '10.0.0.7')).status).toBe(200)
    })
  })

  test('shows the proofs of an ACME client and nothing else of its folder', async () => {
    const acmeWebroot = site.path('../acme')
    await withServer(start({ acmeWebroot }), async (server) => {
      const proof = await ask(server, '/.well-known/acme-challenge/a-Token_1')
      expect([proof.status, proof.text()]).toEqual([200, 'a-Token_1.thumbprint'])
      for (const path of [
        '/secret.txt',
        '/.well-known/acme-challenge/../../secret.txt',
        '/.well-known/acme-challenge/',
      ])
        expect((await ask(server, path)).status).toBe(308)
      mkdirSync(site.path('../acme/.well-known/acme-challenge'), { recursive: true })
      expect((await ask(server, '/.well-known/acme-challenge/later')).status).toBe(308)
      writeFileSync(site.path('../acme/.well-known/acme-challenge/later'), 'now')
      expect((await ask(server, '/.well-known/acme-challenge/later')).text()).toBe('now')
    })
    await withServer(start(), async (server) => {
      expect((await ask(server, '/.well-known/acme-challenge/from-root')).text()).toBe('token of the root')
    })
    await withServer(start({ acmeWebroot: null }), async (server) => {
      expect((await ask(server, '/.well-known/acme-challenge/from-root')).status).toBe(308)
    })
  })

  test('closes with the server', async () => {
    const server = await start()()
    const { redirectPort } = server
    await server.close()
    await expect(connectRaw(redirectPort as number)).rejects.toThrow(/ECONNREFUSED/)
  })

  test('that is taken leaves nothing listening', async () => {
    const other = createServer()
    const taken = await listenOnFreePort(other)
    const { port } = await start()().then(async (server) => {
      await server.close()
      return server
    })
    await expect(start({ port: taken.port }, { port })()).rejects.toMatchObject({
      code: 'EADDRINUSE',
      port: taken.port,
    })
    await expect(connectRaw(port)).rejects.toThrow(/ECONNREFUSED/)
    await taken.close()
  })
})

test.each([
  [{ redirect: { port: 0 } }, /redirect sends clients to HTTPS, which needs tls/],
  [{ tls, redirect: { port: 70_000 } }, /redirect: port must be a whole number from 0 to 65535, got 70000/],
  [{ tls, redirect: { port: 80, to: 443 } }, /redirect: there is no option to; there are port, host/],
  [{ tls, port: 80, redirect: { port: 80 } }, /must be another than the server's own/],
])('%o is refused with the reason', (config, message) => {
  expect(() => resolveConfig(config as ServerConfig)).toThrow(message)
})
