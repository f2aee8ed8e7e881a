import { expect, it } from 'vitest'
import { PiecewiseBody } from '../src/piecewise-body.ts'

/** A file of so many bytes, each the number of its place, that gives at most `most` bytes at a time. */
function fakeFile(size: number, most = Infinity) {
  const state = { closed: 0, reads: 0 }
  const file = {
    state,
    async read(
      buffer: Uint8Array,
      offset: number,
      length: number,
      position: number,
    ): Promise<{ bytesRead: number }> {
      state.reads++
      const bytesRead = Math.max(0, Math.min(length, most, size - position))
      for (let at = 0; at < bytesRead; at++) buffer[offset + at] = (position + at) % 256
      return { bytesRead }
    },
    async close(): Promise<void> {
      state.closed++
    },
  }
  return file
}

async function readAll(body: PiecewiseBody): Promise<number[]> {
  const bytes: number[] = []
  for await (const piece of body) bytes.push(...piece)
  return bytes
}

it.each([Infinity, 2])(
  'gives bytes and ranges in their order, however few come at a time (%d)',
  async (most) => {
    const file = fakeFile(100, most)
    const body = new PiecewiseBody(file, [
      Buffer.from([255]),
      { start: 10, end: 15 },
      Buffer.from([254]),
      { start: 0, end: 1 },
    ])
    expect(await readAll(body)).toEqual([255, 10, 11, 12, 13, 14, 254, 0])
    expect(file.state.closed).toBe(1)
  },
)

it('reads a large range in pieces of 64 KiB', async () => {
  const file = fakeFile(200_000)
  expect(await readAll(new PiecewiseBody(file, [{ start: 0, end: 200_000 }]))).toHaveLength(200_000)
  expect(file.state.reads).toBe(4)
})

it('fails, and never pads, when the file became shorter; and closes it', async () => {
  const file = fakeFile(12)
  await expect(readAll(new PiecewiseBody(file, [{ start: 10, end: 15 }]))).rejects.toThrow('became shorter')
  expect(file.state.closed).toBe(1)
})

it('closes once, whether given up before its first byte, after it, or twice', async () => {
  const unread = fakeFile(10)
  const body = new PiecewiseBody(unread, [{ start: 0, end: 5 }])
  await body.return()
  await body.return()
  expect([unread.state, await body.next()]).toEqual([
    { closed: 1, reads: 0 },
    { done: true, value: undefined },
  ])
  const begun = fakeFile(10)
  for await (const _ of new PiecewiseBody(begun, [
    { start: 0, end: 5 },
    { start: 6, end: 7 },
  ]))
    break
  expect(begun.state).toEqual({ closed: 1, reads: 1 })
})
