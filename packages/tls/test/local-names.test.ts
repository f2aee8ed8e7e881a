import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { authorityFolder, isPermitted, trustHelp } from '../src/local.ts'
import { certifiedNames, USUAL_NAMES } from '../src/local-names.ts'

describe('the names of a local certificate', () => {
  test('are in one spelling and order, each once', () => {
    expect(certifiedNames([])).toEqual(USUAL_NAMES)
    expect(certifiedNames(['B.Test', 'a.test.', 'a.test', 'LOCALHOST', '0:0::1', 'FE80::1%eth0'])).toEqual([
      ...USUAL_NAMES,
      'a.test',
      'b.test',
      'fe80::1',
    ])
    expect(certifiedNames(['bücher.test'])).toContain('xn--bcher-kva.test')
    expect(certifiedNames(['*.app.test'])).toContain('*.app.test')
  })

  test.each([
    'localhost',
    'a.b.localhost',
    'x.test',
    'printer.local',
    'nas.home.arpa',
    'git.internal',
    'router.lan',
    '127.9.9.9',
    '10.0.0.1',
    '172.31.255.255',
    '192.168.0.1',
    '169.254.1.1',
    '100.64.0.1',
    '::1',
    'fd12::1',
    'fe80::1',
  ])('%s may be certified', (name) => {
    expect(isPermitted(name)).toBe(true)
  })

  test.each([
    'example.com',
    'com',
    'dev',
    'mylocal',
    'atest',
    'local.example.com',
    '8.8.8.8',
    '172.32.0.1',
    '100.128.0.1',
    '0.0.0.0',
    '2001:db8::1',
    '::2',
    '::ffff:8.8.8.8',
  ])('%s may not be certified', (name) => {
    expect(isPermitted(name)).toBe(false)
    expect(() => certifiedNames([name])).toThrow(/certifies nothing for .*only addresses of this machine/)
  })

  test.each([
    '',
    '.',
    'a b.test',
    'a..test',
    '-a.test',
    'a*.test',
    '*.*.test',
    'a.test:80',
    '../test',
    'ä b.test',
    `${'a'.repeat(64)}.test`,
  ])('%j is no name', (name) => {
    expect(() => certifiedNames([name])).toThrow(/is no name of a host/)
  })

  test('are a hundred at most', () => {
    expect(() => certifiedNames(Array.from({ length: 101 }, (_, number) => `n${number}.test`))).toThrow(
      /100 names/,
    )
  })
})

describe('the folder of the authority', () => {
  test('is where the platform keeps what belongs to a user', () => {
    const home = join('/', 'home', 'me')
    expect(authorityFolder('linux', {}, home)).toBe(join(home, '.local/share/tsws/.authority'))
    expect(authorityFolder('linux', { XDG_DATA_HOME: '/data' }, home)).toBe(join('/data/tsws/.authority'))
    expect(authorityFolder('darwin', {}, home)).toBe(
      join(home, 'Library/Application Support/tsws/.authority'),
    )
    expect(authorityFolder('win32', { LOCALAPPDATA: join('/', 'c') }, home)).toBe(
      join('/', 'c', 'tsws', '.authority'),
    )
    expect(authorityFolder('win32', {}, home)).toBe(join(home, 'AppData/Local/tsws/.authority'))
  })

  test('is not one relative to where the command runs', () => {
    expect(authorityFolder('linux', { XDG_DATA_HOME: 'data' }, '/home/me')).toBe(
      join('/home/me/.local/share/tsws/.authority'),
    )
  })
})

test('the help to trust it names the file for every system, in quotes where a shell needs them', () => {
  const help = trustHelp('/home/me/ca.crt')
  for (const system of ['Debian', 'macOS', 'Windows', 'Firefox', 'Chromium', 'NODE_EXTRA_CA_CERTS', 'curl'])
    expect(help).toContain(system)
  expect(help).toContain('sudo cp /home/me/ca.crt /usr/local/share/ca-certificates/')
  expect(trustHelp('/Users/me/Library/Application Support/ca.crt')).toContain(
    '"/Users/me/Library/Application Support/ca.crt"',
  )
})
