import { readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { closeBody } from '@tsws/http'
import { describe, expect, it, vi } from 'vitest'
import { DocumentRoot } from '../src/document-root.ts'
import { serveStatic } from '../src/index.ts'
import { ask, makeRequest, makeTree, OLD, passedOn, put } from './support.ts'

const LATER = new Date(OLD.getTime() + 1000)
const openDescriptors = (): number => readdirSync('/proc/self/fd').length

/** Calls `change` just before the next time `path` is opened, that is between the look and the opening. */
function beforeOpening(path: string, change: () => void): void {
  const open = DocumentRoot.prototype.open
  const spy = vi.spyOn(DocumentRoot.prototype, 'open').mockImplementation(function (
    this: DocumentRoot,
    asked,
  ) {
    if (asked === path) {
      spy.mockRestore()
      change()
    }
    return open.call(this, asked)
  })
}

describe('a large file that is exchanged between the look and the opening', () => {
  const options = { cache: false } as const

  it('is sent as what was opened: its length, its tag, its bytes', async () => {
    const root = makeTree({ 'a.txt': 'first' })
    const middleware = serveStatic(root, options)
    const before = await ask(middleware, 'GET', '/a.txt')
    beforeOpening('/a.txt', () => put(root, 'a.txt', 'the second', LATER))
    const answer = await ask(middleware, 'GET', '/a.txt')
    expect([answer.text, answer.length]).toEqual(['the second', 10])
    expect(answer.header('etag')).not.toBe(before.header('etag'))
  })

  it('is judged anew: the range and the condition are about what was opened', async () => {
    const root = makeTree({ 'a.txt': 'first' })
    const middleware = serveStatic(root, options)
    await ask(middleware, 'GET', '/a.txt')
    beforeOpening('/a.txt', () => put(root, 'a.txt', 'x', LATER))
    const answer = await ask(middleware, 'GET', '/a.txt', { Range: 'bytes=3-4' })
    expect([answer.status, answer.header('content-range')]).toEqual([416, 'bytes */1'])
  })

  it('a sibling that no longer fits gives way to the file', async () => {
    const root = makeTree({ 'a.js': 'first', 'a.js.gz': 'old coded' })
    const middleware = serveStatic(root, options)
    await ask(middleware, 'GET', '/a.js')
    beforeOpening('/a.js.gz', () => {
      put(root, 'a.js', 'second', LATER)
      put(root, 'a.js.gz', 'new coded')
    })
    const answer = await ask(middleware, 'GET', '/a.js', { 'Accept-Encoding': 'gzip' })
    expect([answer.header('content-encoding'), answer.text]).toEqual([null, 'second'])
  })

  it('deleted: not found; moved to a folder of that name: redirected', async () => {
    const root = makeTree({ 'a.txt': 'first', 'b.txt': 'first', 'folder/index.html': 'x' })
    const middleware = serveStatic(root, options)
    await ask(middleware, 'GET', '/a.txt')
    await ask(middleware, 'GET', '/b.txt')
    beforeOpening('/a.txt', () => rmSync(join(root, 'a.txt')))
    expect((await ask(middleware, 'GET', '/a.txt')).header('x-passed')).toBe('on')
    beforeOpening('/b.txt', () => {
      rmSync(join(root, 'b.txt'))
      renameSync(join(root, 'folder'), join(root, 'b.txt'))
    })
    expect((await ask(middleware, 'GET', '/b.txt')).header('location')).toBe('/b.txt/')
  })
})

describe.skipIf(process.platform !== 'linux')('file descriptors', () => {
  it.each([
    ['from memory', {}],
    ['from disk', { cache: false }],
  ] as const)(
    'none is left open by 304, 412, 416, 405, HEAD, ranges, redirects and misses, %s',
    async (_, options) => {
      const root = makeTree({
        'a.txt': 'content',
        'a.txt.gz': 'coded',
        'dir/index.html': 'x',
        '404.html': 'lost',
      })
      const middleware = serveStatic(root, { ...options, revalidateInterval: 0, notFoundPage: '404.html' })
      const round = async (): Promise<void> => {
        await ask(middleware, 'GET', '/a.txt', { 'If-None-Match': '*' })
        await ask(middleware, 'GET', '/a.txt', { 'If-Match': '"x"' })
        await ask(middleware, 'GET', '/a.txt', { Range: 'bytes=99-' })
        await ask(middleware, 'GET', '/a.txt', { Range: 'bytes=0-1,4-5' })
        await ask(middleware, 'GET', '/a.txt', { 'Accept-Encoding': 'gzip', Range: 'bytes=0-1' })
        await ask(middleware, 'HEAD', '/a.txt')
        await ask(middleware, 'POST', '/a.txt')
        await ask(middleware, 'GET', '/dir')
        await ask(middleware, 'GET', '/dir/')
        await ask(middleware, 'GET', '/lost')
      }
      await round()
      const before = openDescriptors()
      for (let at = 0; at < 30; at++) await round()
      expect(openDescriptors()).toBe(before)
    },
  )

  it('a body in several ranges that is given up before its first byte closes its file', async () => {
    const middleware = serveStatic(makeTree({ 'a.txt': 'content' }), { cache: false })
    await ask(middleware, 'GET', '/a.txt')
    const before = openDescriptors()
    const response = await middleware(makeRequest('GET', '/a.txt', { Range: 'bytes=0-1,4-5' }), passedOn)
    expect(openDescriptors()).toBe(before + 1)
    await closeBody(response.body)
    expect(openDescriptors()).toBe(before)
  })
})
