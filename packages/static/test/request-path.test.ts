import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodePath, parseRequestPath } from '../src/request-path.ts'

const outcome = (pathname: string, platform = 'linux', dotfiles: 'hide' | 'serve' = 'hide'): string => {
  const path = parseRequestPath(pathname, { platform, dotfiles })
  return path.kind === 'refused' ? path.because : `${path.path}${path.directory ? ' (directory)' : ''}`
}

describe('parseRequestPath', () => {
  it.each([
    ['/', '/ (directory)'],
    ['/a', '/a'],
    ['/a/', '/a (directory)'],
    ['/a/.', '/a (directory)'],
    ['/a/b/..', '/a (directory)'],
    ['/a/../b', '/b'],
    ['/a/%2e%2e/b', '/b'],
    ['//a///b', '/a/b'],
    ['/a%20b', '/a b'],
    ['/a+b', '/a+b'],
    ['/%2541', '/%41'],
    ['/%C3%BC', '/ü'],
    ['/a..b', '/a..b'],
    ['/a;b', '/a;b'],
    ['/.well-known/x', '/.well-known/x'],
    ['/con', '/con'],
    ['/a:b', '/a:b'],
  ])('%s is %s', (pathname, expected) => expect(outcome(pathname)).toBe(expected))

  it.each([
    '/%',
    '/%4',
    '/%zz',
    '/%ff',
    '/%c0%ae',
    '/%e0%80%af',
    '/%ed%a0%80', // a surrogate
    '/%f8%88%80%80%80',
    '/%00',
    '/a%0d%0ab',
    '/%7f',
    '/..',
    '/../a',
    '/a/../../b',
    '/%2e%2e/a',
    '/.%2e/a',
    '/%u0041',
    'a',
    '',
    '*',
    '/ü',
    '/a b',
  ])('%s is malformed', (pathname) => expect(outcome(pathname)).toBe('malformed'))

  it.each([
    '/..%2fa',
    '/a%2Fb',
    '/a%5cb',
    '/a\\b',
    '/..\\a',
    '/c:/a',
    '/a/C:',
    `/${'a'.repeat(256)}`,
    `/${'%C3%BC'.repeat(128)}`,
  ])('%s is a name no file can have', (pathname) => expect(outcome(pathname)).toBe('unmappable'))

  it.each([
    '/.env',
    '/%2eenv',
    '/a/.git/config',
    '/.../x',
    '/..;/x',
    '/....//x',
    '/a/.well-known/x',
    '/.well-known/.x',
    '/.well-known-not',
  ])('%s is hidden', (pathname) => expect(outcome(pathname)).toBe('hidden'))

  it('dotfiles are served where that was asked for', () => {
    expect(outcome('/.env', 'linux', 'serve')).toBe('/.env')
    expect(outcome('/../.env', 'linux', 'serve')).toBe('malformed')
  })

  it.each([
    '/a:$DATA',
    '/a.txt::$DATA',
    '/a.',
    '/a%20',
    '/GIT~1/x',
    '/con',
    '/NUL.txt',
    '/com1',
    '/COM%C2%B9',
    '/lpt%c2%b3.txt',
    '/con%20.txt',
    '/aux%20%20.a.b',
    '/a/prn/b',
    '/a./b',
    '/a%20/b',
    '/CONIN$',
    '/PROGRA~1',
    '/a.txt:$DATA',
    '/a::$INDEX_ALLOCATION/b',
    '/a%22',
    '/a*',
    '/a%3C',
    '/a|b',
  ])('on Windows, %s would be read as another name', (pathname) =>
    expect(outcome(pathname, 'win32')).toBe('unmappable'),
  )

  it.each([
    '/console',
    '/con-tact',
    '/auxiliary.txt',
    '/com10',
    '/a.con',
    '/null',
    '/nul1',
    '/a~b',
    '/a.b/c.d',
  ])('on Windows, %s is a name like any other', (pathname) =>
    expect(outcome(pathname, 'win32')).toBe(pathname),
  )

  it.each([
    ['/%E2%80%8C.env', 'hidden'],
    ['/a/%EF%BB%BF%E2%80%8E.git/config', 'hidden'],
    ['/%E2%81%AA.', 'hidden'],
    ['/%E2%80%8D', '/\u200d'],
    ['/%F0%9F%91%A9%E2%80%8D%F0%9F%92%BB.png', '/\u{1f469}\u200d\u{1f4bb}.png'],
    ['/a.txt/..namedfork/rsrc', 'hidden'],
  ])('on macOS, which passes over what shows nothing, %s is %s', (pathname, expected) => {
    expect(outcome(pathname, 'darwin')).toBe(expected)
  })

  it('on macOS, forks of files are no files, whatever is served', () => {
    expect(outcome('/a.php/..namedfork/data', 'darwin', 'serve')).toBe('unmappable')
    expect(outcome('/a.php/..NamedFork/rsrc', 'darwin', 'serve')).toBe('unmappable')
    expect(outcome('/a.php/..namedfork/data', 'linux', 'serve')).toBe('/a.php/..namedfork/data')
    expect(outcome('/%E2%80%8C.env', 'darwin', 'serve')).toBe('/\u200c.env')
  })

  it('refuses what is longer than any path', () => {
    expect(outcome(`/${'a/'.repeat(3000)}`)).toBe('unmappable')
    expect(outcome(`/${'a'.repeat(20_000)}`)).toBe('unmappable')
  })

  it('never lets a path out of the root, whatever bytes it is made of', () => {
    const part = fc.constantFrom(
      '/',
      '.',
      '..',
      '%2e',
      '%2E%2e',
      '%2f',
      '\\',
      '%5c',
      '%00',
      'a',
      '%',
      '%25',
      ';',
      ':',
      '%c0%ae',
      '~',
    )
    fc.assert(
      fc.property(fc.array(part, { maxLength: 14 }), (parts) => {
        const path = parseRequestPath(`/${parts.join('')}`, { platform: 'linux', dotfiles: 'serve' })
        if (path.kind === 'refused') return
        expect(path.path).toMatch(/^\//)
        expect(path.path).not.toMatch(/\\|\0|\/\/|\/\.\.?(?:\/|$)/)
      }),
      { numRuns: 5000 },
    )
  })

  it('reads back what encodePath wrote, and only that', () => {
    const name = fc.string({ unit: 'binary', minLength: 1, maxLength: 12 }).filter((text) => {
      const usable = text.isWellFormed() && !/[/\\\u0000-\u001f\u007f]/.test(text)
      return usable && !text.startsWith('.') && !/^[A-Za-z]:$/.test(text)
    })
    fc.assert(
      fc.property(fc.array(name, { minLength: 1, maxLength: 4 }), (segments) => {
        const path = `/${segments.join('/')}`
        expect(parseRequestPath(encodePath(path), { platform: 'linux' })).toEqual({
          kind: 'path',
          path,
          directory: false,
        })
      }),
      { numRuns: 2000 },
    )
  })
})
