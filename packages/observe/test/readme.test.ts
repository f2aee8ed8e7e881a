import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { fakeRequest } from './fake-request.ts'
import { handler, log, observer } from './readme-example.ts'

test('the README shows the example that runs here', async () => {
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8')
  expect(readme).toContain(await readFile(new URL('./readme-example.ts', import.meta.url), 'utf8'))
})

test('the example answers with a request id and says that it is ready', async () => {
  const response = await handler(fakeRequest())
  expect(response.body).toBe('hello\n')
  expect(response.headers.get('x-request-id')).not.toBeNull()
  const ready = await handler(fakeRequest({ target: '/health/ready' }))
  expect(JSON.parse(ready.body as string)).toMatchObject({
    status: 'ok',
    checks: { database: { status: 'ok' } },
  })
  expect(Object.keys(observer)).toEqual(['onResponse', 'onError'])
  await log.close()
})
