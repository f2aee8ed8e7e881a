import { AsyncLocalStorage } from 'node:async_hooks'
import diagnostics from 'node:diagnostics_channel'
import { describe, expect, it, vi } from 'vitest'
import { Pool } from '../src/index.ts'
import { open } from './open-pool.ts'

describe('answers', () => {
  it('runs an exported function and answers its result', async () => {
    expect(await open().run('add', [1, 2])).toBe(3)
  })

  it('awaits a function that answers a promise', async () => {
    expect(await open().run('later', ['x'])).toBe('x')
  })

  const values: [string, unknown][] = [
    ['undefined', undefined],
    ['null', null],
    ['true', true],
    ['false', false],
    ['a whole number', 12],
    ['a fraction', 0.1],
    ['minus zero', -0],
    ['NaN', Number.NaN],
    ['a bigint', 2n ** 70n],
    ['an empty string', ''],
    ['a string with a lone surrogate', 'a\ud800é€'],
    ['a string longer than the shared memory takes', 'é'.repeat(200_000)],
    ['a plain object', { a: 1, b: [true, null, 'x'] }],
    ['an object with undefined in it', { a: undefined }],
    ['an array with holes', [1, , 3]], // oxlint-disable-line no-sparse-arrays
    ['a match with its index', /b(?<x>c)/.exec('abc')],
    ['a date', new Date(0)],
    ['a map', new Map([[{ key: 1 }, new Set([1])]])],
    ['bytes', new Uint8Array([1, 2, 3])],
    ['a mebibyte', new Uint8Array(1 << 20).fill(3)],
    ['an object of 100 KB', { list: Array.from({ length: 5000 }, (_, index) => ({ index })) }],
  ]
  for (const [name, value] of values) {
    it(`carries ${name} both ways as structured clone does`, async () => {
      expect(await open().run('echo', [value])).toStrictEqual(structuredClone(value))
    })
  }

  it('keeps a cycle and a repeated object inside one value', async () => {
    const shared = { n: 1 }
    const value: Record<string, unknown> = { a: shared, b: shared }
    value['self'] = value
    const back = (await open().run('echo', [value])) as typeof value
    expect(back['self']).toBe(back)
    expect(back['a']).toBe(back['b'])
  })

  it('gives each task its own copy of an object that several were given in one turn', async () => {
    const pool = open({ maxThreads: 1 })
    const plain = { n: 0 }
    const special = { n: 0, when: new Date(0) }
    const run = (object: { n: number }): Promise<number>[] =>
      [1, 2, 3].map(() => pool.run('mutate', [object]))
    expect(await Promise.all(run(plain))).toEqual([1, 1, 1])
    expect(await Promise.all(run(special))).toEqual([1, 1, 1])
  })

  it('answers thousands of mixed tasks each with its own result', async () => {
    const pool = open({ minThreads: 2, maxThreads: 2 })
    const results = await Promise.all(
      Array.from({ length: 5000 }, (_, index): Promise<unknown> => {
        if (index % 3 === 0) return pool.run('add', [index, 1])
        if (index % 3 === 1) return pool.run('echo', [`text ${index}`])
        return pool.run('echo', [{ index, when: index % 2 ? new Date(index) : undefined }])
      }),
    )
    for (const [index, result] of results.entries()) {
      if (index % 3 === 0) expect(result).toBe(index + 1)
      else if (index % 3 === 1) expect(result).toBe(`text ${index}`)
      else expect(result).toEqual({ index, when: index % 2 ? new Date(index) : undefined })
    }
  })

  it('moves what is in the transfer list, and back what transfer() names', async () => {
    const pool = open()
    const buffer = new ArrayBuffer(1 << 20)
    expect(await pool.run('length', [buffer], { transfer: [buffer] })).toBe(1 << 20)
    expect(buffer.byteLength).toBe(0)
    const back = await pool.run('moved', [1 << 20])
    expect([back.length, back[0]]).toEqual([1 << 20, 7])
  })

  it('shares a SharedArrayBuffer in both directions', async () => {
    const pool = open()
    const shared = new SharedArrayBuffer(8)
    await pool.run('count', [shared, 1])
    expect(new Int32Array(shared)[1]).toBe(1)
    expect(await pool.run('returnShared', [])).toBeInstanceOf(SharedArrayBuffer)
  })
})

describe('errors', () => {
  it('keep class name, message, stack, code, cause and own properties', async () => {
    const error = (await open()
      .run('fail', ['short and stout'])
      .catch((thrown: unknown) => thrown)) as Error & { code: string; detail: unknown }
    expect(error).toBeInstanceOf(Error)
    expect(error.name).toBe('TeapotError')
    expect(error.constructor.name).toBe('TeapotError')
    expect(error.message).toBe('short and stout')
    expect(error.stack).toContain('fixtures/tasks.ts')
    expect(error.code).toBe('E_TEAPOT')
    expect(error.detail).toEqual({ spouts: 1 })
    expect(error.cause).toBeInstanceOf(SyntaxError)
    expect((error.cause as Error).cause).toBe('the root')
  })

  it('of an async function are thrown as what they are', async () => {
    await expect(open().run('failAsync', ['no'])).rejects.toThrow(new TypeError('no'))
  })

  it('keep the errors of an AggregateError', async () => {
    const error = (await open()
      .run('failAggregate', [])
      .catch((thrown: unknown) => thrown)) as AggregateError
    expect(error).toBeInstanceOf(AggregateError)
    expect(error.errors[0]).toBeInstanceOf(TypeError)
    expect(error.errors[1]).toBe('two')
  })

  it('that are no Error arrive as thrown', async () => {
    await expect(open().run('failWith', [{ reason: 1 }])).rejects.toEqual({ reason: 1 })
  })

  it('name what a module exports when it has no such function', async () => {
    const pool = open()
    // @ts-expect-error no such export
    const run = pool.run('missing', [])
    await expect(run).rejects.toMatchObject({
      code: 'ERR_POOL_UNKNOWN_TASK',
      message: /'missing'.*add/ as unknown,
    })
    // @ts-expect-error not a function
    await expect(pool.run('notAFunction', [])).rejects.toMatchObject({ code: 'ERR_POOL_UNKNOWN_TASK' })
  })

  it('tell that arguments or a result cannot be cloned, and fail only that task', async () => {
    const pool = open({ maxThreads: 1 })
    const [before, args, result, after] = await Promise.allSettled([
      pool.run('add', [1, 1]),
      pool.run('echo', [() => 1]),
      pool.run('returnFunction', []),
      pool.run('add', [2, 2]),
    ])
    expect(before).toMatchObject({ value: 2 })
    expect(args).toMatchObject({ reason: { code: 'ERR_POOL_ARGUMENTS', cause: { name: 'DataCloneError' } } })
    expect(result).toMatchObject({ reason: { code: 'ERR_POOL_RESULT', cause: { name: 'DataCloneError' } } })
    expect(after).toMatchObject({ value: 4 })
  })

  it('tell that the module does not load, with its error as the cause', async () => {
    const pool = new Pool(new URL('./fixtures/broken.ts', import.meta.url), { minThreads: 0 })
    await expect(pool.run('x', [])).rejects.toMatchObject({
      code: 'ERR_POOL_THREAD_START',
      cause: { name: 'RangeError', message: 'this module does not load' },
    })
    await pool.close()
  })

  it('refuse arguments that are no array', async () => {
    // @ts-expect-error the arguments are a list
    await expect(open().run('add', 1)).rejects.toThrow(/arguments must be an array/)
  })
})

describe('streams', () => {
  it('hand out the items of an async generator in order', async () => {
    const items: number[] = []
    for await (const item of await open().run('countTo', [1000])) items.push(item)
    expect(items).toEqual(Array.from({ length: 1000 }, (_, index) => index + 1))
  })

  it('hand out a web stream', async () => {
    const items: string[] = []
    for await (const item of await open().run('webStream', [])) items.push(item)
    expect(items).toEqual(['a', 'b'])
  })

  it('stop the source when the reader leaves, and let it run ahead no further than the window', async () => {
    const pool = open({ maxThreads: 1 })
    const shared = new SharedArrayBuffer(8)
    const cells = new Int32Array(shared)
    const stream = await pool.run('countForEver', [shared])
    await stream.next()
    await vi.waitFor(() => expect(cells[0]).toBeGreaterThan(1), 10_000)
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(cells[0]).toBeLessThanOrEqual(1 + 16 + 16)
    await stream.return?.()
    expect(await pool.run('add', [1, 1])).toBe(2)
    expect(cells[1]).toBe(1)
  })

  it('hand out what came before an error, then the error', async () => {
    const items: string[] = []
    const read = async (): Promise<void> => {
      for await (const item of await open().run('failAfter', [3])) items.push(item)
    }
    await expect(read()).rejects.toThrow(new RangeError('the source broke'))
    expect(items).toHaveLength(3)
  })

  it('fail at their reader when the task is aborted', async () => {
    const pool = open({ maxThreads: 1 })
    const controller = new AbortController()
    const stream = await pool.run('countForEver', [new SharedArrayBuffer(8)], { signal: controller.signal })
    await stream.next()
    controller.abort(new Error('enough'))
    const read = async (): Promise<void> => {
      for (;;) await stream.next()
    }
    await expect(read()).rejects.toThrow('enough')
    expect(await pool.run('add', [1, 1])).toBe(2)
  })
})

describe('map', () => {
  it('answers in the order of the items, from an iterable or an async one', async () => {
    const pool = open()
    expect(await pool.map('echo', [3, 1, 2])).toEqual([3, 1, 2])
    const source = async function* (): AsyncGenerator<number> {
      for (let n = 0; n < 500; n++) yield n
    }
    expect(await pool.map('echo', source(), { concurrency: 7 })).toEqual(
      Array.from({ length: 500 }, (_, n) => n),
    )
    expect(await pool.map('echo', [])).toEqual([])
  })

  it('stops at the first failure, closes the source and throws', async () => {
    const pool = open({ maxThreads: 1 })
    let closed = false
    let taken = 0
    const source = function* (): Generator<string> {
      try {
        for (;;) yield `${taken++}`
      } finally {
        closed = true
      }
    }
    await expect(pool.map('fail', source(), { concurrency: 4 })).rejects.toThrow('0')
    expect(closed).toBe(true)
    expect(taken).toBeLessThan(20)
  })

  it('never has more items under way than its concurrency', async () => {
    const pool = open({ maxThreads: 1, concurrency: 8 })
    expect(
      Math.max(
        ...(await pool.map('overlap', Array.from({ length: 20 }, () => undefined) as never[], {
          concurrency: 3,
        })),
      ),
    ).toBe(3)
  })
})

describe('context', () => {
  it('of AsyncLocalStorage is the caller’s after run, in map and while streaming', async () => {
    const storage = new AsyncLocalStorage<string>()
    const pool = open()
    const inside = async (name: string): Promise<void> => {
      await pool.run('add', [1, 2])
      expect(storage.getStore()).toBe(name)
      await pool.run('fail', ['x']).catch(() => expect(storage.getStore()).toBe(name))
      for await (const item of await pool.run('countTo', [30]))
        expect([item > 0, storage.getStore()]).toEqual([true, name])
    }
    await Promise.all(['a', 'b', 'c'].map((name) => storage.run(name, () => inside(name))))
    expect.assertions(3 * 32)
  })

  it('is the caller’s when the diagnostics channel tells the end of a task', async () => {
    const storage = new AsyncLocalStorage<string>()
    const seen: unknown[] = []
    const listen = (message: unknown): void => void seen.push([storage.getStore(), message])
    diagnostics.subscribe('tsws:pool:task:end', listen)
    const pool = open({ name: 'diagnosed' })
    await storage.run('mine', () => pool.run('add', [1, 2]))
    diagnostics.unsubscribe('tsws:pool:task:end', listen)
    const message = {
      pool: 'diagnosed',
      name: 'add',
      waitTime: expect.any(Number),
      runTime: expect.any(Number),
    }
    expect(seen).toEqual([['mine', message]])
  })
})

describe('what a thread is given', () => {
  it('is the data, argv and env of the options', async () => {
    const pool = open({ data: { setting: new Map([[1, 2]]) }, argv: ['--x'], env: { ONLY: 'this' } })
    expect(await pool.run('data', [])).toEqual({ setting: new Map([[1, 2]]) })
    expect(await pool.run('argv', [])).toEqual(['--x'])
    expect(await pool.run('environment', ['ONLY'])).toBe('this')
    expect(await pool.run('environment', ['PATH'])).toBeUndefined()
  })
})
