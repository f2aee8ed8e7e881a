import { X509Certificate } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import type { TLSSocket } from 'node:tls'
import { expect, test } from 'vitest'
import { connectRaw, tempSite, testCertificate } from '@tsws/testing'
import type { RawConnection } from '@tsws/testing'
import { eventually, startTsws } from './tsws.ts'

/** What clients, each with a connection of its own, were shown and answered, without a pause until `stop`. */
function load(port: number, clients: number): { shown: string[]; failed: string[]; stop(): Promise<void> } {
  const shown: string[] = []
  const failed: string[] = []
  let isOver = false
  const client = async (): Promise<void> => {
    while (!isOver) {
      try {
        using connection = await connectRaw(port, { tls: true })
        const fingerprint = fingerprintOf(connection)
        connection.write('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
        const answer = await connection.readResponse()
        if (answer.text() !== 'home') throw new Error(`${answer.status}`)
        shown.push(fingerprint)
      } catch (error) {
        failed.push(String(error))
      }
    }
  }
  const running = Array.from({ length: clients }, client)
  return {
    shown,
    failed,
    async stop() {
      isOver = true
      await Promise.all(running)
    },
  }
}

const fingerprintOf = ({ socket }: RawConnection): string =>
  (socket as TLSSocket).getPeerX509Certificate()!.fingerprint256

test.each([
  [['--threads', '2', '--thread-strategy', 'transfer'], 'every thread has been replaced'],
  [['--threads', '2', '--thread-strategy', 'reusePort'], 'every thread has been replaced'],
  [['--threads', '1'], 'the certificate has been read again'],
])(
  'a certificate is renewed under load by SIGHUP, and no request fails: %j',
  async (options, message) => {
    await using site = await tempSite({ 'index.html': 'home' })
    const paths = { cert: site.path('../cert.pem'), key: site.path('../key.pem') }
    const write = async (): Promise<string> => {
      const { cert, key } = testCertificate()
      await writeFile(paths.cert, cert)
      await writeFile(paths.key, key)
      return new X509Certificate(cert).fingerprint256
    }
    const first = await write()
    const files = ['--tls-cert', paths.cert, '--tls-key', paths.key]
    await using tsws = await startTsws([site.root, ...files, ...options])
    const said = (): number => tsws.log().filter(({ msg }) => String(msg).startsWith(message)).length
    const failures = (): Record<string, unknown>[] =>
      tsws.log().filter(({ msg }) => msg === 'reload failed, everything goes on as before')

    using open = await connectRaw(tsws.port, { tls: true, timeout: 20_000 })
    open.write('GET / HTTP/1.1\r\nHost: localhost\r\n')
    const clients = load(tsws.port, 3)
    await eventually(() => expect(clients.shown.length).toBeGreaterThan(5), 20_000)

    const second = await write()
    tsws.command.signal('SIGHUP')
    // The connection from before finishes what it has begun.
    open.write('\r\n')
    expect((await open.readResponse()).text()).toBe('home')
    expect(fingerprintOf(open)).toBe(first)
    await eventually(() => expect(said()).toBe(1), 30_000)

    await writeFile(paths.cert, 'broken')
    tsws.command.signal('SIGHUP')
    await eventually(() => expect(failures()).toHaveLength(1), 30_000)
    expect(JSON.stringify(failures()[0])).toContain('is not PEM')

    const before = clients.shown.length
    await eventually(() => expect(clients.shown.length).toBeGreaterThan(before + 10), 20_000)
    await clients.stop()
    expect(clients.failed).toEqual([])
    expect(new Set(clients.shown)).toEqual(new Set([first, second]))
    expect(new Set(clients.shown.slice(before + 3))).toEqual(new Set([second]))
    expect(failures()).toHaveLength(1)
  },
  120_000,
)
