import { describe, expect, it } from 'vitest'
import { Pool } from '../src/index.ts'
import { resolveOptions } from '../src/options.ts'
import type { PoolOptions } from '../src/options.ts'

describe('pool options', () => {
  it('fill in the defaults, undefined counting as not given', () => {
    expect(resolveOptions({ maxThreads: 3, timeout: undefined } as unknown as PoolOptions)).toMatchObject({
      minThreads: 1,
      maxThreads: 3,
      timeout: 0,
      maxQueue: 65_536,
    })
  })

  const wrong: [PoolOptions, RegExp][] = [
    [{ maxThreads: 0 }, /'maxThreads' must be a whole number from 1 to 1024, got 0/],
    [{ minThreads: 3, maxThreads: 2 }, /'minThreads' must be a whole number from 0 to 2, got 3/],
    [{ maxQueue: -1 }, /'maxQueue'.*got -1/],
    [{ timeout: Number.NaN }, /'timeout' must be a number of 0 or more, got NaN/],
    [{ overflow: 'drop' as 'wait' }, /'overflow' must be 'wait' or 'reject', got 'drop'/],
    [{ maxThread: 2 } as PoolOptions, /unknown option 'maxThread'/],
  ]
  for (const [options, message] of wrong) {
    it(`refuse ${JSON.stringify(options)} and say why`, () => {
      expect(() => resolveOptions(options)).toThrow(TypeError)
      expect(() => resolveOptions(options)).toThrow(message)
    })
  }

  it('refuse a module that is neither URL nor path', () => {
    expect(() => new Pool('')).toThrow(/must be a URL or an absolute path/)
  })
})
