import { describe, expect, it } from 'vitest'
import { isOwnName, mergesNames } from '../src/own-name.ts'

describe('isOwnName', () => {
  it.each([
    ['the same', '/a/b.txt', '/a/b.txt'],
    ['the root', '/', '/'],
    ['one Unicode name, written in two ways (HFS+ keeps the longer)', '/caf\u00e9.txt', '/cafe\u0301.txt'],
    ['the other way round', '/cafe\u0301.txt', '/caf\u00e9.txt'],
    ['a link to another folder', '/latest/a.txt', '/v2/a.txt'],
    ['a link to a file of another length', '/a.txt', '/b/longer.txt'],
  ])('%s: yes', (_, asked, real) => expect(isOwnName(asked, real)).toBe(true))

  it.each([
    ['/A.TXT', '/a.txt'],
    ['/a.txt', '/A.TXT'],
    ['/Admin/x', '/admin/x'],
    ['/admin', '/Admin'],
    ['/CAF\u00c9.txt', '/cafe\u0301.txt'],
    ['/\u03c3\u03c2', '/\u03a3\u03a3'],
    ['/\u212a', '/k'],
    ['/\u017f', '/S'],
    ['/\ud801\udc00', '/\ud801\udc28'],
  ])('%s for %s: no', (asked, real) => expect(isOwnName(asked, real)).toBe(false))
})

it.each([
  ['win32', true],
  ['darwin', true],
  ['linux', false],
  ['freebsd', false],
])('%s merges names: %s', (platform, expected) => expect(mergesNames(platform)).toBe(expected))
