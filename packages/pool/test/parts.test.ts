import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Backoff } from '../src/backoff.ts'
import { decodeThrown, encodeThrown } from '../src/error-transport.ts'
import { Histogram } from '../src/histogram.ts'
import { toJson } from '../src/json-tree.ts'
import { LinkedQueue } from '../src/linked-queue.ts'
import { AREA_BYTES, LONGEST_RECORD, SHARED_BYTES, Slots, SLOTS, State, Tag } from '../src/slots.ts'

describe('toJson', () => {
  it('gives JSON only for values that come back as structured clone would give them', () => {
    fc.assert(
      fc.property(
        fc.anything({ withNullPrototype: true, withDate: true, withMap: true, withSparseArray: true }),
        (value) => {
          const json = toJson(value)
          if (json !== undefined) expect(JSON.parse(json)).toStrictEqual(structuredClone(value))
        },
      ),
      { numRuns: 500 },
    )
  })

  it('takes plain small trees', () => {
    expect(toJson({ a: [1, 'x', null, { b: true }] })).toBe('{"a":[1,"x",null,{"b":true}]}')
  })
})

describe('the shared memory', () => {
  it('hands out answers in order, whatever their length, for ever', () => {
    const memory = new SharedArrayBuffer(SHARED_BYTES)
    const thread = new Slots(memory)
    const pool = new Slots(memory)
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 3000 }), { maxLength: 40 }), (texts) => {
        const written = texts.filter((text, index) => thread.finishString(index, Tag.string, text))
        const read: string[] = []
        for (let slot = pool.nextFinished(); slot >= 0; slot = pool.nextFinished())
          read.push(pool.takeString(slot))
        expect(read).toEqual(written)
        if (texts.join('').length * 2 < AREA_BYTES / 2) {
          expect(written).toEqual(texts.filter((text) => text.length * 2 <= LONGEST_RECORD))
        }
      }),
      { numRuns: 300 },
    )
  })

  it('lets exactly one side claim a task', () => {
    const memory = new SharedArrayBuffer(SHARED_BYTES)
    const [thread, pool] = [new Slots(memory), new Slots(memory)]
    pool.setState(SLOTS - 1, State.sent)
    expect([thread.claim(SLOTS - 1, State.begun), pool.claim(SLOTS - 1, State.taken)]).toEqual([true, false])
  })

  it('asks for one message until the pool sleeps again', () => {
    const slots = new Slots(new SharedArrayBuffer(SHARED_BYTES))
    expect([slots.mustWake(), slots.mustWake()]).toEqual([true, false])
    slots.sleep()
    expect(slots.mustWake()).toBe(true)
  })
})

describe('a histogram', () => {
  it('tells quantiles within a sixteenth', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0.001, max: 100_000, noNaN: true }), { minLength: 1 }),
        (values) => {
          const histogram = new Histogram()
          for (const value of values) histogram.record(value)
          const sorted = values.toSorted((a, b) => a - b)
          const { p50, max, count } = histogram.summary()
          const exact = sorted[Math.ceil(values.length / 2) - 1]!
          expect([count, max]).toEqual([values.length, sorted.at(-1)])
          expect(Math.abs(p50 - exact)).toBeLessThanOrEqual(exact / 15 + 0.0011)
        },
      ),
    )
  })
})

describe('back-off', () => {
  it('replaces at once after the first crash, then doubles to a bound, and starts again after a healthy life', () => {
    const backoff = new Backoff()
    const pauses = Array.from({ length: 12 }, () => backoff.afterCrash(5))
    expect(pauses).toEqual([0, 100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000, 10_000, 10_000])
    expect(backoff.afterCrash(60_000)).toBe(0)
  })
})

describe('a linked queue', () => {
  it('behaves as an array', () => {
    interface Item {
      id: number
      previous: Item | undefined
      next: Item | undefined
    }
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom('push', 'unshift', 'shift', 'remove'), fc.nat())),
        (steps) => {
          const queue = new LinkedQueue<Item>()
          const array: Item[] = []
          for (const [id, [step, at]] of steps.entries()) {
            const item: Item = { id, previous: undefined, next: undefined }
            if (step === 'push') {
              array.push(item)
              queue.push(item)
            } else if (step === 'unshift') {
              array.unshift(item)
              queue.unshift(item)
            } else if (step === 'shift') expect(queue.shift()).toBe(array.shift())
            else if (array.length > 0) queue.remove(array.splice(at % array.length, 1)[0]!)
          }
          const ids: number[] = []
          for (let item = queue.first; item; item = item.next) ids.push(item.id)
          expect([ids, queue.size]).toEqual([array.map(({ id }) => id), array.length])
        },
      ),
    )
  })
})

describe('an error on its way', () => {
  it('ends a cause that leads to itself', () => {
    const error = new Error('round')
    error.cause = error
    let back: unknown = decodeThrown(structuredClone(encodeThrown(error)))
    let depth = 0
    while (back instanceof Error && depth < 100) {
      back = back.cause
      depth++
    }
    expect(depth).toBeLessThan(20)
  })

  it('keeps the code of Node’s own errors and of a DOMException', () => {
    for (const error of [
      AbortSignal.abort().reason as Error,
      Object.assign(new Error('x'), { code: 'ENOENT', errno: -2 }),
    ]) {
      const back = decodeThrown(structuredClone(encodeThrown(error)))
      expect(back).toMatchObject({
        name: error.name,
        message: error.message,
        code: (error as { code?: unknown }).code,
      })
    }
  })
})
