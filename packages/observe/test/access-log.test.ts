import { HttpError } from '@tsws/http'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { accessLog, createLogger } from '../src/index.ts'
import type { AccessLogOptions, LoggerOptions, ResponseSummary } from '../src/index.ts'
import { fakeRequest } from './fake-request.ts'

const { connection } = fakeRequest()

function summary(changes: Partial<ResponseSummary> = {}): ResponseSummary {
  const request = fakeRequest({ target: '/a/b?token=secret' })
  request.id = 'id-1'
  return {
    request,
    connection,
    status: 200,
    bodyBytes: 12,
    durationMs: 1.23456,
    outcome: 'complete',
    ...changes,
  }
}

async function logged(
  work: (observer: ReturnType<typeof accessLog>) => void,
  options?: AccessLogOptions,
  logger?: LoggerOptions,
): Promise<Record<string, unknown>[]> {
  let text = ''
  const log = createLogger({ destination: { write: (chunk) => (text += chunk) }, ...logger })
  work(accessLog(log.logger, options))
  await log.close()
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))
}

test('a line says everything about one request', async () => {
  const before = Date.now()
  const [line] = await logged((observer) => observer.onResponse?.(summary()))
  expect(line).toEqual({
    level: 30,
    time: expect.any(Number),
    requestId: 'id-1',
    method: 'GET',
    path: '/a/b',
    status: 200,
    bytes: 12,
    durationMs: 1.235,
    remoteAddress: '198.51.100.7',
    msg: 'request',
  })
  expect(line?.time).toBeGreaterThanOrEqual(before)
  expect(line?.time).toBeLessThanOrEqual(Date.now())
})

test('the query is left out unless it is asked for', async () => {
  const [without] = await logged((observer) => observer.onResponse?.(summary()))
  const [with_] = await logged((observer) => observer.onResponse?.(summary()), { query: true })
  expect(JSON.stringify(without)).not.toContain('secret')
  expect(with_?.path).toBe('/a/b?token=secret')
})

test('bytes that were no request are logged with what is known', async () => {
  const [line] = await logged((observer) => observer.onResponse?.(summary({ request: null, status: 400 })))
  expect(line).toMatchObject({
    level: 30,
    requestId: null,
    method: null,
    path: null,
    status: 400,
    remoteAddress: '198.51.100.7',
    msg: 'bad request',
  })
})

test('an answer that was cut says so', async () => {
  const [line] = await logged((observer) => observer.onResponse?.(summary({ outcome: 'aborted' })))
  expect(line?.outcome).toBe('aborted')
})

test('the client address found behind a proxy is the one that is logged', async () => {
  const one = summary()
  if (one.request) one.request.remoteAddress = '203.0.113.9'
  const [line] = await logged((observer) => observer.onResponse?.(one))
  expect(line?.remoteAddress).toBe('203.0.113.9')
})

test.each([
  ['::ffff:203.0.113.9', '203.0.113.9'],
  ['2001:db8::1', '2001:db8::1'],
  ['::ffff:1', '::ffff:1'],
  [null, null],
])('the peer %s is logged as %s', async (remoteAddress, expected) => {
  const request = fakeRequest({ connection: { remoteAddress } })
  const [line] = await logged((observer) => observer.onResponse?.(summary({ request })))
  expect(line?.remoteAddress).toBe(expected)
})

test('500 and above are logged as errors', async () => {
  const lines = await logged((observer) => {
    for (const status of [404, 499, 500, 503]) observer.onResponse?.(summary({ status }))
  })
  expect(lines.map(({ level }) => level)).toEqual([30, 30, 50, 50])
})

test('at level error only failures are logged', async () => {
  const lines = await logged(
    (observer) => {
      observer.onResponse?.(summary())
      observer.onResponse?.(summary({ status: 500 }))
    },
    {},
    { level: 'error' },
  )
  expect(lines.map(({ status }) => status)).toEqual([500])
})

test('what skip accepts is not logged', async () => {
  const lines = await logged(
    (observer) => {
      observer.onResponse?.(summary())
      observer.onResponse?.(summary({ request: fakeRequest({ target: '/health' }) }))
    },
    { skip: (one) => one.request?.pathname === '/health' },
  )
  expect(lines.map(({ path }) => path)).toEqual(['/a/b'])
})

test('no path can forge a line or command a terminal', async () => {
  const target = '/a"\\\n{"forged":1}\u001b[2J\u009b2J\u007f'
  const lines = await logged((observer) =>
    observer.onResponse?.(summary({ request: fakeRequest({ target }) })),
  )
  expect(lines).toHaveLength(1)
  expect(lines[0]?.path).toBe('/a"\\\n{"forged":1}\u001b[2J%9B2J%7F')
})

test('a long path is cut at 2048 characters', async () => {
  const target = `/${'x'.repeat(10_000)}`
  const [line] = await logged((observer) =>
    observer.onResponse?.(summary({ request: fakeRequest({ target }) })),
  )
  expect(line?.path).toBe(`${target.slice(0, 2048)}…`)
})

function withoutTime(text: string): string {
  return text.replace(/"time":\d+/g, '"time":0')
}

test('the line is byte for byte the one that pino writes', async () => {
  const odd = summary({
    request: fakeRequest({ target: '/"quoted"\\é\u2028' }),
    outcome: 'aborted',
    bodyBytes: 0,
  })
  let fast = ''
  let slow = ''
  const bindings = { app: 'shop', nested: { a: [1, 2] } }
  const log = createLogger({ destination: { write: (text) => (fast += text) }, bindings })
  const plain = pino({ base: bindings }, { write: (text: string) => (slow += text) })
  for (const one of [summary(), odd, summary({ request: null, status: 500 })]) {
    accessLog(log.logger).onResponse?.(one)
    accessLog(plain).onResponse?.(one)
  }
  await log.close()
  expect(slow.split('\n')).toHaveLength(4)
  expect(withoutTime(fast)).toBe(withoutTime(slow))
})

test("a child logger's bindings are in its lines", async () => {
  let text = ''
  const log = createLogger({ destination: { write: (chunk) => (text += chunk) } })
  accessLog(log.logger.child({ part: 'web' })).onResponse?.(summary())
  await log.close()
  expect(JSON.parse(text)).toMatchObject({ part: 'web', path: '/a/b' })
})

test('with a logger that is off the observer has no methods', () => {
  expect(accessLog(createLogger({ format: 'off' }).logger)).toEqual({})
})

test('a failure is logged with its stack, its cause and its request', async () => {
  const error = new Error('the database is gone', { cause: new Error('ECONNREFUSED') })
  const one = summary()
  const [line = {}] = await logged((observer) => observer.onError?.(error, one.request, connection))
  expect(line).toMatchObject({ level: 50, requestId: 'id-1', method: 'GET', path: '/a/b', connection: 1 })
  const { message, stack } = line.err as { message: string; stack: string }
  expect(message).toContain('the database is gone')
  expect(stack).toContain('access-log.test.ts')
  expect(stack).toContain('ECONNREFUSED')
})

test.each([
  [new HttpError(404), 20],
  [new HttpError(503), 50],
  [Object.assign(new Error('reset'), { code: 'ECONNRESET' }), 20],
  [new Error('other'), 50],
])('%s is logged at level %i', async (error, level) => {
  const lines = await logged(
    (observer) => observer.onError?.(error, null, connection),
    {},
    { level: 'debug' },
  )
  expect(lines.map((line) => line.level)).toEqual([level])
})

test('what a client caused is not logged at level info', async () => {
  expect(await logged((observer) => observer.onError?.(new HttpError(400), null, connection))).toEqual([])
})

test.each(['a string', 42, null, undefined, { some: 'object' }])(
  '%j thrown is logged too',
  async (thrown) => {
    const [line] = await logged((observer) => observer.onError?.(thrown, null, connection))
    expect(line?.err).toMatchObject({ message: `thrown: ${String(thrown)}` })
  },
)

test('an error that cannot even be shown does not make the log throw', async () => {
  const hostile = {
    toString() {
      throw new Error('no')
    },
  }
  const [line] = await logged((observer) => observer.onError?.(hostile, null, connection))
  expect(line).toMatchObject({ level: 50, msg: 'an error that cannot be shown' })
})
