import { HttpError } from '@tsws/http'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { serveStatic } from '../src/index.ts'
import { OpenedFile } from '../src/opened-file.ts'
import { ask, makeTree } from './support.ts'

afterEach(() => void vi.restoreAllMocks())

// These tests run as root at times, whom no permission stops: the system's refusal is played.
function failWith(code: string): void {
  vi.spyOn(OpenedFile, 'open').mockRejectedValue(Object.assign(new Error(code), { code }))
}

describe('what the operating system says', () => {
  it.each(['EACCES', 'EPERM'])('%s is 403', async (code) => {
    const middleware = serveStatic(makeTree({ 'a.txt': 'a' }), { listing: true })
    failWith(code)
    expect((await ask(middleware, 'GET', '/a.txt')).status).toBe(403)
    expect((await ask(middleware, 'GET', '/')).status).toBe(403)
  })

  it.each(['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG', 'ENXIO', 'EINVAL'])(
    '%s is passed on',
    async (code) => {
      const middleware = serveStatic(makeTree({ 'a.txt': 'a' }))
      failWith(code)
      expect((await ask(middleware, 'GET', '/a.txt')).header('x-passed')).toBe('on')
    },
  )

  it.each(['EMFILE', 'ENFILE'])('%s is 503, to be tried again', async (code) => {
    const middleware = serveStatic(makeTree({ 'a.txt': 'a' }))
    failWith(code)
    const error = await ask(middleware, 'GET', '/a.txt').catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(HttpError)
    expect(error).toMatchObject({ status: 503, code: 'ERR_TOO_MANY_OPEN_FILES' })
    expect((error as HttpError).headers?.get('retry-after')).toBe('1')
  })

  it('EBUSY, a lock of Windows, is 503, to be tried again', async () => {
    const middleware = serveStatic(makeTree({ 'a.txt': 'a' }))
    failWith('EBUSY')
    const error = await ask(middleware, 'GET', '/a.txt').catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ status: 503, code: 'ERR_FILE_LOCKED' })
  })

  it('anything else is thrown as it is, and the next request tries again', async () => {
    const middleware = serveStatic(makeTree({ 'a.txt': 'a' }))
    failWith('EIO')
    await expect(ask(middleware, 'GET', '/a.txt')).rejects.toMatchObject({ code: 'EIO' })
    vi.restoreAllMocks()
    expect((await ask(middleware, 'GET', '/a.txt')).text).toBe('a')
  })

  it('a remembered file is still served when no descriptor is left', async () => {
    const middleware = serveStatic(makeTree({ 'a.txt': 'a' }))
    await ask(middleware, 'GET', '/a.txt')
    failWith('EMFILE')
    expect((await ask(middleware, 'GET', '/a.txt')).text).toBe('a')
  })
})
