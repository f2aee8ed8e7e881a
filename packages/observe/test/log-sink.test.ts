import { describe, expect, it } from 'vitest'
import { hasReader } from '../src/log-sink.ts'

type Kind = 'file' | 'character device' | 'FIFO' | 'socket'

/** As `fs.Stats` of Node: on Windows no file is a FIFO or a socket, whatever its mode says. */
function statOf(kind: Kind, platform: string): Parameters<typeof hasReader>[0] {
  const is = (asked: Kind) => (): boolean => kind === asked
  const never = (): boolean => false
  return {
    isFile: is('file'),
    isCharacterDevice: is('character device'),
    isFIFO: platform === 'win32' ? never : is('FIFO'),
    isSocket: platform === 'win32' ? never : is('socket'),
  }
}

describe.each(['linux', 'darwin', 'win32'])('on %s', (platform) => {
  it.each<[Kind, boolean]>([
    ['file', false],
    ['character device', false],
    ['FIFO', true],
    ['socket', true],
  ])('a %s has a reader: %s', (kind, expected) => {
    expect(hasReader(statOf(kind, platform), platform)).toBe(expected)
  })

  it('what cannot be told may have one', () => expect(hasReader(null, platform)).toBe(true))
})
