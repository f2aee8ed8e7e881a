import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ConnectionOptions } from 'node:tls'
import { createServer } from '@tsws/engine'
import { respond } from '@tsws/http'
import { testCertificate } from '@tsws/testing'
import { afterAll, describe, expect, onTestFinished, test } from 'vitest'
import { createTlsListener } from '../src/index.ts'
import type { TlsListener, TlsOptions } from '../src/index.ts'
import { connect, pair, readAll, REQUEST } from './start-tls.ts'
import { sessionOf } from './session-of.ts'

const folder = mkdtempSync(join(tmpdir(), 'tsws-clients-'))
afterAll(() => rmSync(folder, { recursive: true }))

const ada = testCertificate(['ada'])
const eve = testCertificate(['eve'])

/** A server that says whom it sees. */
async function start(options: Partial<TlsOptions>): Promise<{ port: number; listener: TlsListener }> {
  const server = createServer(({ connection }) =>
    respond.text(connection.clientCertificate?.subject ?? 'nobody'),
  )
  const listener = createTlsListener({ ...pair, ...options })
  server.addListener(listener)
  listener.server.listen(0, '127.0.0.1')
  await once(listener.server, 'listening')
  onTestFinished(() => void server.close({ grace: 0 }))
  return { port: (listener.server.address() as AddressInfo).port, listener }
}

/** What the server answers to that client; a refusal throws, or ends the connection without an answer. */
async function ask(port: number, options: ConnectionOptions): Promise<string> {
  const socket = await connect(port, options)
  socket.write(REQUEST)
  const answer = await readAll(socket).catch(() => '')
  return answer.slice(answer.lastIndexOf('\n') + 1)
}

describe.each(['TLSv1.2', 'TLSv1.3'] as const)('client certificates over %s', (version) => {
  const only = { minVersion: version, maxVersion: version }
  const asked = async (port: number, options: ConnectionOptions = {}): Promise<string> =>
    ask(port, { ...only, ...options }).catch(() => '')

  test('let in who has a valid one, and tell handlers who that is', async () => {
    const { port } = await start({ clientCertificates: { ca: ada.cert } })
    expect(await asked(port, ada)).toBe('CN=ada')
    expect(await asked(port, eve)).toBe('')
    expect(await asked(port)).toBe('')
  })

  test('that are not required leave everybody else nobody', async () => {
    const { port } = await start({ clientCertificates: { ca: ada.cert, required: false } })
    expect(await asked(port, ada)).toBe('CN=ada')
    expect(await asked(port, eve)).toBe('nobody')
    expect(await asked(port)).toBe('nobody')
  })

  test('are asked for whatever name the client comes by', async () => {
    const sni = { 'shop.example': testCertificate(['shop.example']) }
    const { port } = await start({ sni, clientCertificates: { ca: ada.cert } })
    const shop = { servername: 'shop.example' }
    expect(await asked(port, { ...ada, ...shop })).toBe('CN=ada')
    expect(await asked(port, { ...eve, ...shop })).toBe('')
    expect(await asked(port, shop)).toBe('')
  })

  test('are still known when the session is resumed', async () => {
    const { port } = await start({ clientCertificates: { ca: ada.cert } })
    const first = await sessionOf(port, { ...only, ...ada })
    const again = await connect(port, { ...only, session: first })
    expect(again.isSessionReused()).toBe(true)
    again.write(REQUEST)
    expect(await readAll(again)).toContain('CN=ada')
  })

  test('of an authority that is gone after a reload let nobody in, by no old session either', async () => {
    const ca = join(folder, `${version}.pem`)
    writeFileSync(ca, ada.cert)
    const { port, listener } = await start({ clientCertificates: { ca } })
    const session = await sessionOf(port, { ...only, ...ada })
    writeFileSync(ca, eve.cert)
    listener.reload()
    expect(await asked(port, { ...ada, session })).toBe('')
    expect(await asked(port, { session })).toBe('')
    expect(await asked(port, eve)).toBe('CN=eve')
  })
})

test('a server that asks for none knows nobody', async () => {
  const { port } = await start({})
  expect(await ask(port, ada)).toBe('nobody')
})

test.runIf(spawnSync('openssl', ['version']).status === 0)(
  'a chain to the authority is followed, an expired one is not',
  async () => {
    const here = (name: string): string => join(folder, name)
    const openssl = (...args: string[]): void => {
      const { status, stderr } = spawnSync('openssl', args, { encoding: 'utf8' })
      if (status !== 0) throw new Error(stderr)
    }
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
    openssl(
      'req',
      '-x509',
      ...key,
      '-keyout',
      here('ca.key'),
      '-out',
      here('ca.pem'),
      '-subj',
      '/O=Example',
      '-days',
      '30',
    )
    openssl(
      'req',
      '-new',
      ...key,
      '-keyout',
      here('grace.key'),
      '-out',
      here('grace.csr'),
      '-subj',
      '/O=Example/CN=grace',
    )
    const signing = [
      'x509',
      '-req',
      '-in',
      here('grace.csr'),
      '-CA',
      here('ca.pem'),
      '-CAkey',
      here('ca.key'),
      '-CAcreateserial',
    ]
    openssl(...signing, '-days', '10', '-out', here('grace.pem'))
    openssl(...signing, '-days', '-1', '-out', here('expired.pem'))
    const { port } = await start({ clientCertificates: { ca: here('ca.pem') } })
    const clientKey = readFileSync(here('grace.key'))
    expect(await ask(port, { cert: readFileSync(here('grace.pem')), key: clientKey })).toBe('CN=grace')
    await expect(
      ask(port, { cert: readFileSync(here('expired.pem')), key: clientKey }).catch(() => ''),
    ).resolves.toBe('')
  },
)

test.each([
  [{ ca: ada.cert, required: 'yes' }, TypeError, /required must be true or false, got yes/],
  [{ ca: ada.cert, require: true }, TypeError, /there is no option "require"; there are ca, required/],
  [{}, TypeError, /clientCertificates\.ca must be a path or PEM, got undefined/],
  [{ ca: '/no/such.pem' }, Error, /^clientCertificates\.ca \(\/no\/such\.pem\): there is no such file/],
  [{ ca: ada.key }, Error, /the clientCertificates\.ca holds no certificate/],
])('%o is refused with the reason', (clientCertificates, kind, message) => {
  const make = () => createTlsListener({ ...pair, clientCertificates } as TlsOptions)
  expect(make).toThrow(kind)
  expect(make).toThrow(message)
})
