import { describe, expect, test } from 'vitest'
import { ThreadOutbox } from '../src/thread-outbox.ts'
import type { ThreadMessage } from '../src/thread-outbox.ts'

function outbox(): { outbox: ThreadOutbox; sent: ThreadMessage[] } {
  const sent: ThreadMessage[] = []
  return { outbox: new ThreadOutbox((message) => sent.push(message)), sent }
}

const warning = (text: string): ThreadMessage => ({ kind: 'warning', text })

describe('what a thread tells', () => {
  test('waits until the main thread listens, then goes in order, and later at once', () => {
    const { outbox: held, sent } = outbox()
    held.tell(warning('1'))
    held.tell({ kind: 'log', lines: '2\n' })
    expect(sent).toEqual([])
    held.open()
    held.tell(warning('3'))
    expect(sent).toEqual([warning('1'), { kind: 'log', lines: '2\n' }, warning('3')])
  })

  test('goes once, however often the main thread says that it listens', () => {
    const { outbox: held, sent } = outbox()
    held.tell(warning('1'))
    held.open()
    held.open()
    expect(sent).toEqual([warning('1')])
  })

  test('is held up to a mebi of characters: what comes later while nobody listens is dropped', () => {
    const { outbox: held, sent } = outbox()
    const half = warning('x'.repeat(512 * 1024))
    for (let time = 0; time < 5; time++) held.tell(half)
    held.open()
    expect(sent).toEqual([half, half])
  })
})
