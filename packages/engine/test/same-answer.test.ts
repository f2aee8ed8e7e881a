import { HeaderBlock, HttpResponse } from '@tsws/http'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createServer } from '../src/index.ts'

// What answers have in common is put together once. So nothing of one may be found in another.

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'], now: Date.UTC(2030, 0, 1) })
})
afterEach(() => {
  vi.advanceTimersByTime(1000) // what was kept for a second is dropped
  vi.useRealTimers()
})

const security = new HeaderBlock({ 'X-One': '1', 'X-Two': '2' })
const dated = new HeaderBlock({ Date: 'Tue, 02 Jan 2024 03:04:05 GMT', 'X-Dated': '1' })
const closing = new HeaderBlock({ Connection: 'close', 'X-Closing': '1' })
const other = new HeaderBlock({ 'X-Other': '3' })

const KINDS: Record<string, () => HttpResponse> = {
  text: () => new HttpResponse('text'),
  bytes: () => new HttpResponse(Buffer.from('bytes'), { headers: { ETag: '"1"' } }),
  none: () => new HttpResponse(null, { status: 204 }),
  same: () => new HttpResponse('not sent', { status: 304, headers: { ETag: '"1"' } }),
  missing: () => new HttpResponse('missing', { status: 404 }),
  reset: () => new HttpResponse(null, { status: 205 }),
  length: () => new HttpResponse('12345', { headers: { 'Content-Length': 5 } }),
  ends: () => new HttpResponse('ends', { headers: { Connection: 'close, X-Hop' } }),
}
const BLOCKS: Record<string, HeaderBlock[]> = {
  plain: [],
  secure: [security],
  both: [security, other],
  turned: [other, security],
  dated: [security, dated],
  closing: [security, other, closing],
}
const REQUESTS = [
  ['GET', '1.1', ''],
  ['HEAD', '1.1', ''],
  ['GET', '1.0', ''],
  ['GET', '1.0', 'Connection: keep-alive\r\n'],
  ['GET', '1.1', 'Connection: close\r\n'],
] as const

function make(kind: string, blocks: string, own = (block: HeaderBlock): HeaderBlock => block): HttpResponse {
  const response = (KINDS[kind] as () => HttpResponse)()
  for (const block of BLOCKS[blocks] ?? []) response.headers.addBlock(own(block))
  return response
}

/** A copy of which nobody has kept anything yet. */
function copyOf(block: HeaderBlock): HeaderBlock {
  return new HeaderBlock(block.lines)
}

/** `/KIND/BLOCKS` asked for in one way. */
type Question = readonly [target: string, method: string, version: string, fields: string]

async function ask(server: ReturnType<typeof createServer>, question: Question): Promise<string> {
  const [target, method, version, fields] = question
  const { text } = await server.inject(`${method} ${target} HTTP/${version}\r\nHost: a\r\n${fields}\r\n`)
  return text
}

test('one response object for all requests is answered as a new one for each, in any order', async () => {
  const kept = new Map<string, HttpResponse>()
  const sharing = createServer(({ pathname }) => {
    const [, kind = '', blocks = ''] = pathname.split('/')
    const response = kept.get(pathname) ?? make(kind, blocks)
    kept.set(pathname, response)
    return response
  })
  const questions: Question[] = Object.keys(KINDS).flatMap((kind) =>
    Object.keys(BLOCKS).flatMap((blocks) => REQUESTS.map((how) => [`/${kind}/${blocks}`, ...how] as const)),
  )
  // Three rounds in different orders: what is kept of one answer meets every other kind.
  for (const step of [1, 7, 101]) {
    for (let index = 0; index < questions.length; index++) {
      const question = questions[(index * step) % questions.length] as Question
      const [, kind = '', blocks = ''] = question[0].split('/')
      const fresh = createServer(() => make(kind, blocks, copyOf))
      expect(await ask(sharing, question), question.join(' ')).toBe(await ask(fresh, question))
    }
  }
})

test('a field that is changed between two uses of a response is seen', async () => {
  const response = make('text', 'both')
  const server = createServer(() => response)
  const fieldsOf = async (): Promise<(string | null)[]> => {
    const { response: answer } = await server.inject({})
    return ['x-one', 'x-other', 'x-own', 'content-length'].map((name) => answer.headers.get(name))
  }
  expect(await fieldsOf()).toEqual(['1', '3', null, '4'])
  response.headers.set('X-Own', 'a')
  expect(await fieldsOf()).toEqual(['1', '3', 'a', '4'])
  response.headers.set('X-One', 'changed')
  expect(await fieldsOf()).toEqual(['changed', '3', 'a', '4'])
  response.headers.delete('x-other')
  expect(await fieldsOf()).toEqual(['changed', null, 'a', '4'])
  expect(() => response.headers.set('X-Own', 'a\r\nSet-Cookie: b')).toThrow(TypeError)
  expect(await fieldsOf()).toEqual(['changed', null, 'a', '4'])
  const { response: untouched } = await createServer(() => make('text', 'both')).inject({})
  expect(untouched.headers.get('x-one')).toBe('1')
})

test('the date of a response that is sent for seconds is that of each second', async () => {
  const response = make('text', 'secure')
  const server = createServer(() => response)
  const dates: (string | null)[] = []
  for (let seconds = 0; seconds < 3; seconds++) {
    for (let again = 0; again < 2; again++) dates.push((await server.inject({})).response.headers.get('date'))
    vi.advanceTimersByTime(1000)
  }
  expect(dates.map((date) => date?.slice(-6, -4))).toEqual(['00', '00', '01', '01', '02', '02'])
})
