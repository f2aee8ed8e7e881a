import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { once } from 'node:events'
import { Readable } from 'node:stream'
import { setTimeout as wait } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { closeBody, FileBody, isFileBody } from '../src/index.ts'
import type { Body, OpenFile } from '../src/index.ts'

function fakeFile(close: () => Promise<void> = async () => {}): OpenFile & { closed: number } {
  const file = {
    closed: 0,
    read: async () => ({ bytesRead: 0 }),
    close: async () => {
      file.closed++
      await close()
    },
  }
  return file
}

describe('FileBody', () => {
  test('closes its file once, however often it is closed', async () => {
    const file = fakeFile()
    const body = new FileBody(file, 0, 10)
    await Promise.all([body.close(), body.close()])
    await body.close()
    expect(file.closed).toBe(1)
  })

  test('rejects when its file fails to close, and does not try again', async () => {
    const file = fakeFile(async () => {
      throw new Error('EIO')
    })
    const body = new FileBody(file, 0, 10)
    await expect(body.close()).rejects.toThrow('EIO')
    await body.close()
    expect(file.closed).toBe(1)
  })

  test('takes a handle of node', async () => {
    const handle = await open(import.meta.filename)
    const body = new FileBody(handle, 3, 5)
    const buffer = new Uint8Array(5)
    expect(await body.file.read(buffer, 0, body.length, body.start)).toMatchObject({ bytesRead: 5 })
    await body.close()
    expect(handle.fd).toBe(-1)
  })

  test.each([
    [-1, 5],
    [0, -1],
    [0.5, 5],
    [0, Number.NaN],
    [0, Infinity],
    [2 ** 53, 1],
    ['0', 5],
  ])('refuses start %s and length %s, which name no bytes', (start, length) => {
    expect(() => new FileBody(fakeFile(), start as number, length as number)).toThrow(
      expect.objectContaining({ name: 'RangeError', code: 'ERR_OUT_OF_RANGE' }),
    )
  })

  test('may have no bytes, or begin beyond 4 GiB', () => {
    expect(new FileBody(fakeFile(), 0, 0).length).toBe(0)
    expect(new FileBody(fakeFile(), 2 ** 40, 1).start).toBe(2 ** 40)
  })
})

test('a file body is known as one, also of another copy of this package, and nothing else is', () => {
  expect(isFileBody(new FileBody(fakeFile(), 0, 0))).toBe(true)
  expect(isFileBody({ [Symbol.for('@tsws/http.FileBody')]: true } as unknown as Body)).toBe(true)
  for (const body of [null, '', 'x', new Uint8Array(1), Readable.from([])])
    expect(isFileBody(body)).toBe(false)
})

describe('closeBody', () => {
  test.each([null, '', 'text', new Uint8Array(3)])('has nothing to do for %j', async (body) => {
    await expect(closeBody(body)).resolves.toBe(undefined)
  })

  test('closes a file', async () => {
    const file = fakeFile()
    await closeBody(new FileBody(file, 0, 1))
    expect(file.closed).toBe(1)
  })

  test('does not reject when a file fails to close', async () => {
    const file = fakeFile(async () => {
      throw new Error('EIO')
    })
    await expect(closeBody(new FileBody(file, 0, 1))).resolves.toBe(undefined)
    expect(file.closed).toBe(1)
  })

  test('tells an iterator to return', async () => {
    let returned = 0
    const iterator: AsyncIterator<Uint8Array> = {
      next: async () => ({ done: true, value: undefined }),
      return: async () => {
        returned++
        return { done: true, value: undefined }
      },
    }
    await closeBody({ [Symbol.asyncIterator]: () => iterator })
    expect(returned).toBe(1)
  })

  test('is content with an iterator that cannot return', async () => {
    const iterator: AsyncIterator<Uint8Array> = { next: async () => ({ done: true, value: undefined }) }
    await expect(closeBody({ [Symbol.asyncIterator]: () => iterator })).resolves.toBe(undefined)
  })

  test('does not reject when the source fails while it is told', async () => {
    const failing: AsyncIterator<Uint8Array> = {
      next: async () => ({ done: true, value: undefined }),
      return: async () => {
        throw new Error('no')
      },
    }
    await expect(closeBody({ [Symbol.asyncIterator]: () => failing })).resolves.toBe(undefined)
    const broken: AsyncIterable<Uint8Array> = {
      [Symbol.asyncIterator]: () => {
        throw new Error('no')
      },
    }
    await expect(closeBody(broken)).resolves.toBe(undefined)
  })

  test('ends a generator that has begun, which cleans up', async () => {
    let cleaned = false
    const generator = (async function* () {
      try {
        yield new Uint8Array(1)
        yield new Uint8Array(1)
      } finally {
        cleaned = true
      }
    })()
    await generator.next()
    await closeBody(generator)
    expect(cleaned).toBe(true)
    expect((await generator.next()).done).toBe(true)
  })

  test('ends a generator that never began: none of it runs', async () => {
    let ran = false
    const generator = (async function* () {
      ran = true
      yield new Uint8Array(1)
    })()
    await closeBody(generator)
    expect((await generator.next()).done).toBe(true)
    expect(ran).toBe(false)
  })

  test('destroys a stream of node that nobody has read yet: its file would stay open', async () => {
    const stream = createReadStream(import.meta.filename)
    await once(stream, 'open')
    await closeBody(stream)
    expect(stream.destroyed).toBe(true)
    if (!stream.closed) await once(stream, 'close')
  })

  test('lets the failure of a stream given up this way disappear', async () => {
    const stream = createReadStream(`${import.meta.filename}.none`)
    await closeBody(stream)
    expect(stream.destroyed).toBe(true)
    await wait(50) // an 'error' that nobody hears would end this process
    expect(stream.errored).toMatchObject({ code: 'ENOENT' })
  })

  test('cancels a web stream', async () => {
    let cancelled = 0
    const stream = new ReadableStream<Uint8Array>({ cancel: () => void cancelled++ })
    await closeBody(stream as unknown as Body)
    expect(cancelled).toBe(1)
  })
})
