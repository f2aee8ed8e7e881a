import { availableParallelism } from 'node:os'
import { expect, test } from 'vitest'
import { Gate, threadsToUse } from '../src/gate.ts'

test('no more than the limit are inside, and each that waits gets in, in order', async () => {
  const gate = new Gate(3)
  let inside = 0
  let most = 0
  const order: number[] = []
  await Promise.all(
    Array.from({ length: 20 }, async (_, number) => {
      await gate.enter()
      most = Math.max(most, ++inside)
      order.push(number)
      await new Promise((resolve) => setImmediate(resolve))
      inside--
      gate.leave()
    }),
  )
  expect(most).toBe(3)
  expect(order).toEqual(Array.from({ length: 20 }, (_, number) => number))
})

test('a thread is left for files', () => {
  const others = Number(process.env['UV_THREADPOOL_SIZE'] ?? 4) - 1
  expect(threadsToUse()).toBe(Math.max(1, Math.min(others, availableParallelism())))
})
