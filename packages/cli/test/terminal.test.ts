import { connectRaw, tempSite } from '@tsws/testing'
import { writeFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { hasTerminals, signalOnTerminal, startOnTerminal } from './terminal.ts'

/** Milliseconds: less than the second that an idle connection has at the end otherwise. */
const SLOW = 600

describe.skipIf(!hasTerminals)('on a terminal', () => {
  test.each([
    ['SIGINT', 1, ['idle', 'answer']],
    ['SIGINT', 2, ['idle', 'answer']],
    ['SIGTERM', 1, ['answer', 'idle']],
  ] as const)(
    'at %s with %i threads, what is in flight gets its answer, and this ends first or last: %j',
    async (signal, threads, expected) => {
      await using site = await tempSite({ 'index.html': 'home' })
      const use = site.path('../slow.mjs')
      await writeFile(
        use,
        `import { respond } from '@tsws/http'
        export default (request, next) => request.pathname === '/slow'
          ? new Promise((done) => setTimeout(() => done(respond.text('slow')), ${SLOW}))
          : next(request)`,
      )
      await using command = startOnTerminal(site.root, '--use', use, '--threads', String(threads))
      const port = Number(/http:\/\/127\.0\.0\.1:(\d+)/.exec(await command.line(/Local/))?.[1])
      using idle = await connectRaw(port)
      idle.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
      expect((await idle.readResponse()).text()).toBe('home')
      using slow = await connectRaw(port)
      slow.write('GET /slow HTTP/1.1\r\nHost: a\r\n\r\n')
      await new Promise((resolve) => setTimeout(resolve, 100)) // with the handler
      const order: string[] = []
      await signalOnTerminal(command, signal)
      await Promise.all([
        idle.closed().then(() => order.push('idle')),
        slow.readResponse().then((response) => {
          expect(response.text()).toBe('slow')
          order.push('answer')
          slow.destroy()
        }),
      ])
      expect(order).toEqual(expected)
      expect((await command.end).code).toBe(0)
    },
  )
})
