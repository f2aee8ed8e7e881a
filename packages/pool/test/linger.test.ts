import { describe, expect, it } from 'vitest'
import { Lingerer, LONGEST_AWAY, LONGEST_LINGER } from '../src/linger.ts'
import type { Inbox } from '../src/linger.ts'

/** A clock that moves on at every look, by 1 µs, and an inbox that answers what it is told to. */
function inboxOf(
  next: (read: number) => ReturnType<Inbox['next']>,
  more: (waits: number) => boolean = () => false,
  sent: (looks: number) => number = () => 0,
): Inbox & { read: number; waits: number; looks: number } {
  let time = 0
  return {
    read: 0,
    waits: 0,
    looks: 0,
    get sentCount() {
      return sent(this.looks++)
    },
    next() {
      time += 0.1
      return next(this.read++)
    },
    waitForMore(_, longest) {
      expect(longest).toBe(LONGEST_LINGER)
      return more(this.waits++)
    },
    now: () => (time += 0.001),
  }
}

describe('a thread lingers', () => {
  it('for one message after another, and leaves when none has come in time', () => {
    const inbox = inboxOf(
      (read) => (read % 2 === 0 ? 'none' : 'go on'),
      (waits) => waits < 3,
    )
    new Lingerer(inbox, 0).linger()
    expect([inbox.read, inbox.waits]).toEqual([7, 4])
  })

  it('not for ever, however many come', () => {
    const inbox = inboxOf(() => 'go on')
    new Lingerer(inbox, 0).linger()
    expect(inbox.read).toBe(Math.ceil(LONGEST_AWAY / 0.101))
    expect(inbox.waits).toBe(0)
  })

  it('no longer when a message says so', () => {
    const inbox = inboxOf((read) => (read === 2 ? 'leave' : 'go on'))
    new Lingerer(inbox, 0).linger()
    expect(inbox.read).toBe(3)
  })

  it('without sleeping for as long as that pays, and half as long after each time in vain', () => {
    const looksOf = (lingerer: Lingerer, inbox: { looks: number }): number => {
      inbox.looks = 0
      lingerer.linger()
      return inbox.looks
    }
    const inbox = inboxOf(() => 'none')
    const lingerer = new Lingerer(inbox, 0.1)
    const first = looksOf(lingerer, inbox)
    const second = looksOf(lingerer, inbox)
    expect(first).toBeGreaterThan(90)
    expect(second / first).toBeCloseTo(0.5, 1)
    for (let more = 0; more < 10; more++) looksOf(lingerer, inbox)
    expect(looksOf(lingerer, inbox)).toBeLessThan(5)
  })

  it('and finds what comes while it looks without sleeping', () => {
    const inbox = inboxOf(
      (read) => (read === 1 ? 'leave' : 'none'),
      () => expect.unreachable('it slept'),
      (looks) => (looks < 20 ? 0 : 1),
    )
    new Lingerer(inbox, 0.1).linger()
    expect(inbox.read).toBe(2)
  })
})
