import { execFile, spawnSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { CertificateError, localAuthority, localCertificate } from '../src/local.ts'
import { connect, start } from './start-tls.ts'

const HAS_OPENSSL = spawnSync('openssl', ['version']).status === 0
const DAY = 86_400_000

let parent: string
let folder: string
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'tsws-authority-'))
  folder = join(parent, 'not', 'there', 'yet')
})
afterEach(() => {
  vi.useRealTimers()
  rmSync(parent, { recursive: true, force: true })
})

const read = (path: string): X509Certificate => new X509Certificate(readFileSync(path))
const at = (time: number): void => void vi.useFakeTimers({ now: time, toFake: ['Date'] })

/** The refusal of a folder, after making sure that it is one line. */
async function refusal(work: Promise<unknown>): Promise<string> {
  const error: unknown = await work.then(
    () => new Error('it was accepted'),
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(CertificateError)
  expect((error as CertificateError).code).toBe('ERR_TLS_AUTHORITY')
  expect((error as CertificateError).message).not.toContain('\n')
  return (error as CertificateError).message
}

describe('a local certificate', () => {
  test('is made once, and is the same at the next start', async () => {
    const first = await localCertificate([], { folder })
    expect(first.authority.isNew).toBe(true)
    const text = readFileSync(first.cert, 'latin1')
    const again = await localCertificate([], { folder })
    expect(again).toEqual({ ...first, authority: { ...first.authority, isNew: false } })
    expect(readFileSync(again.cert, 'latin1')).toBe(text)
  })

  test('is for this machine, and for the names that were asked for', async () => {
    const { cert } = await localCertificate(['192.168.1.7', 'app.test', 'FD00::0:1'], { folder })
    const leaf = read(cert)
    for (const name of ['localhost', 'app.test', 'APP.test']) expect(leaf.checkHost(name)).toBeDefined()
    for (const ip of ['127.0.0.1', '::1', '192.168.1.7', 'fd00::1']) expect(leaf.checkIP(ip)).toBeDefined()
    expect(leaf.checkHost('other.test')).toBeUndefined()
    expect(leaf.subjectAltName).toContain('DNS:*.localhost')
  })

  test('does not depend on the order of the names', async () => {
    const one = await localCertificate(['b.test', 'a.test', '127.0.0.1'], { folder })
    const other = await localCertificate(['a.test', 'b.test', 'a.test.'], { folder })
    expect(other.cert).toBe(one.cert)
    expect((await localCertificate([], { folder })).cert).not.toBe(one.cert)
  })

  test('is by the authority, an elliptic one, and valid for 397 days from yesterday on', async () => {
    const { cert, authority } = await localCertificate([], { folder })
    const [leaf, ca] = [read(cert), read(authority.certificate)]
    expect(leaf.checkIssued(ca) && leaf.verify(ca.publicKey)).toBe(true)
    expect([leaf.ca, ca.ca]).toEqual([false, true])
    for (const { publicKey } of [leaf, ca])
      expect(publicKey.asymmetricKeyDetails?.namedCurve).toBe('prime256v1')
    expect(Date.parse(leaf.validTo) - Date.parse(leaf.validFrom)).toBe(397 * DAY)
    expect(Date.now() - Date.parse(leaf.validFrom)).toBeLessThan(1.1 * DAY)
    expect(leaf.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']) // serverAuth
    expect(leaf.serialNumber).not.toBe(ca.serialNumber)
  })

  test('serves, and a client that trusts the authority finds nothing wrong', async () => {
    const { cert, key, authority } = await localCertificate([], { folder })
    const { port, listener } = await start({ cert, key })
    expect(listener.warnings).toEqual([])
    const ca = readFileSync(authority.certificate)
    const socket = await connect(port, { ca, rejectUnauthorized: true })
    expect(socket.authorized).toBe(true)
    socket.destroy()
    await expect(connect(port, { rejectUnauthorized: true })).rejects.toThrow(/verify|local issuer/)
  })

  test.runIf(HAS_OPENSSL)('passes the strict checks of openssl, and only for its names', async () => {
    const { cert, authority } = await localCertificate(['app.test', '10.1.2.3'], { folder })
    const verify = (...args: string[]): number | null =>
      spawnSync('openssl', [
        ...['verify', '-x509_strict', '-purpose', 'sslserver', '-CAfile', authority.certificate],
        ...args,
        cert,
      ]).status
    expect(verify('-verify_hostname', 'localhost')).toBe(0)
    expect(verify('-verify_hostname', 'app.test')).toBe(0)
    expect(verify('-verify_ip', '10.1.2.3')).toBe(0)
    expect(verify('-verify_hostname', 'other.test')).toBe(2)
  })

  test('and its key are one file that only its owner may read, as is the key of the authority', async () => {
    const { cert, key, authority } = await localCertificate([], { folder })
    expect(key).toBe(cert)
    if (process.platform === 'win32') return
    const mode = (path: string): number => statSync(path).mode & 0o777
    expect(mode(key)).toBe(0o600)
    expect(mode(join(authority.certificate, '../ca.key'))).toBe(0o600)
    expect(mode(join(authority.certificate, '..'))).toBe(0o700)
  })

  test('is made anew when half of its time is over, and keeps its authority', async () => {
    const first = await localCertificate([], { folder })
    const { fingerprint } = read(first.cert)
    at(Date.now() + 190 * DAY)
    expect(read((await localCertificate([], { folder })).cert).fingerprint).toBe(fingerprint)
    at(Date.now() + 10 * DAY)
    const renewed = await localCertificate([], { folder })
    expect(read(renewed.cert).fingerprint).not.toBe(fingerprint)
    expect(renewed.authority).toEqual({ certificate: first.authority.certificate, isNew: false })
  })

  test('never outlives its authority: in its last year there is a new one beside it', async () => {
    const first = await localCertificate([], { folder })
    const end = Date.parse(read(first.authority.certificate).validTo)
    at(end - 398 * DAY)
    expect((await localAuthority({ folder })).certificate).toBe(first.authority.certificate)
    at(end - 396 * DAY)
    const second = await localCertificate([], { folder })
    expect(second.authority.isNew).toBe(true)
    expect(second.authority.certificate).not.toBe(first.authority.certificate)
    expect(read(second.cert).verify(read(second.authority.certificate).publicKey)).toBe(true)
    expect(existsSync(first.authority.certificate)).toBe(true)
  })

  test('that is damaged, cut short, for another authority or open to others is made anew', async () => {
    const { cert, authority } = await localCertificate([], { folder })
    const good = readFileSync(cert, 'latin1')
    const other = await localCertificate([], { folder: join(parent, 'other') })
    for (const text of ['', good.slice(0, 300), 'x', readFileSync(other.cert, 'latin1')]) {
      writeFileSync(cert, text)
      const again = await localCertificate([], { folder })
      expect(read(again.cert).verify(read(authority.certificate).publicKey)).toBe(true)
    }
    if (process.platform === 'win32') return
    chmodSync(cert, 0o644)
    await localCertificate([], { folder })
    expect(statSync(cert).mode & 0o777).toBe(0o600)
  })

  test('leaves no more than fifty others beside it', async () => {
    let last = ''
    for (let number = 0; number < 55; number++)
      last = (await localCertificate([`n${number}.test`], { folder })).cert
    expect(readdirSync(join(last, '..')).filter((name) => name.startsWith('leaf-'))).toHaveLength(50)
    expect(existsSync(last)).toBe(true)
  })
})

describe('the authority', () => {
  test('is one, however many processes make it at once', async () => {
    const program = `import { localCertificate } from ${JSON.stringify(new URL('../src/local.ts', import.meta.url).href)}
      const { cert, authority } = await localCertificate([], { folder: process.argv[1] })
      console.log(JSON.stringify({ cert, ...authority }))`
    const args = ['--conditions=@tsws/source', '--input-type=module', '-e', program, folder]
    const outputs = await Promise.all(
      Array.from({ length: 4 }, () => promisify(execFile)(process.execPath, args)),
    )
    const said = outputs.map(
      ({ stdout }) => JSON.parse(stdout) as { cert: string; certificate: string; isNew: boolean },
    )
    expect(new Set(said.map(({ certificate }) => certificate)).size).toBe(1)
    expect(said.filter(({ isNew }) => isNew)).toHaveLength(1)
    expect(readdirSync(folder)).toEqual(['1'])
    expect(readdirSync(join(folder, '1'))).toHaveLength(3)
    const [{ cert, certificate }] = said as [(typeof said)[0]]
    expect(read(cert).verify(read(certificate).publicKey)).toBe(true)
  }, 30_000)

  test('is made without a certificate too, and used by the first one', async () => {
    const authority = await localAuthority({ folder })
    expect(authority.isNew).toBe(true)
    const { authority: used } = await localCertificate([], { folder })
    expect(used).toEqual({ certificate: authority.certificate, isNew: false })
  })

  test.runIf(HAS_OPENSSL)('cannot certify a name of the internet, whoever has its key', async () => {
    const { certificate } = await localAuthority({ folder })
    const here = (name: string): string => join(parent, name)
    const openssl = (...args: string[]): { status: number | null; stderr: string } =>
      spawnSync('openssl', args, { encoding: 'utf8' })
    openssl(
      'req',
      '-new',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-keyout',
      here('k'),
      '-out',
      here('csr'),
      '-subj',
      '/O=bad',
    )
    const forge = (name: string): { status: number | null; stderr: string } => {
      writeFileSync(here('ext'), `subjectAltName=${name}\nextendedKeyUsage=serverAuth`)
      const signing = [
        'x509',
        '-req',
        '-in',
        here('csr'),
        '-CA',
        certificate,
        '-CAkey',
        join(certificate, '../ca.key'),
      ]
      expect(openssl(...signing, '-days', '10', '-extfile', here('ext'), '-out', here('forged')).status).toBe(
        0,
      )
      return openssl('verify', '-CAfile', certificate, here('forged'))
    }
    expect(forge('DNS:app.test').status).toBe(0)
    expect(forge('DNS:bank.example.com').stderr).toContain('permitted subtree violation')
    expect(forge('IP:8.8.8.8').stderr).toContain('permitted subtree violation')
    expect(forge('IP:2606:4700::1').stderr).toContain('permitted subtree violation')
  })

  test('whose key others may read is not used, and the way out is told', async () => {
    if (process.platform === 'win32') return
    const { certificate } = await localAuthority({ folder })
    chmodSync(join(certificate, '../ca.key'), 0o640)
    expect(await refusal(localCertificate([], { folder }))).toMatch(
      /^others may use .*ca\.key \(mode 640\): delete .* or chmod 600/,
    )
  })

  test('may show its certificate to everybody', async () => {
    const { certificate } = await localAuthority({ folder })
    chmodSync(certificate, 0o644)
    expect((await localCertificate([], { folder })).authority.certificate).toBe(certificate)
  })

  test('that is damaged is not replaced silently', async () => {
    const { certificate } = await localAuthority({ folder })
    writeFileSync(join(certificate, '../ca.key'), 'nothing')
    expect(await refusal(localCertificate([], { folder }))).toMatch(/is damaged \(.*delete that folder/)
    const other = await localAuthority({ folder: join(parent, 'other') })
    writeFileSync(join(certificate, '../ca.key'), readFileSync(join(other.certificate, '../ca.key')))
    expect(await refusal(localCertificate([], { folder }))).toContain(
      'its key belongs to another certificate',
    )
  })

  test('in a place that cannot be written to is one line with the place', async () => {
    const file = join(parent, 'file')
    writeFileSync(file, '')
    expect(await refusal(localAuthority({ folder: join(file, 'below') }))).toMatch(
      /^the local authority cannot be kept in .*below: ENOTDIR$/,
    )
  })
})
