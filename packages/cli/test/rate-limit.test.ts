import { writeFile } from 'node:fs/promises'
import { runCommand, tempSite } from '@tsws/testing'
import type { TempSite } from '@tsws/testing'
import { describe, expect, test } from 'vitest'
import { commandLine, eventually, startTsws } from './tsws.ts'
import type { Tsws } from './tsws.ts'

async function withLimit(
  toml: string,
): Promise<{ args: string[]; config: string; site: TempSite } & AsyncDisposable> {
  const site = await tempSite({ 'index.html': 'home' })
  const config = site.path('../tsws.toml')
  await writeFile(config, toml)
  return {
    site,
    config,
    args: [site.root, '--config', config, '--log', 'off'],
    [Symbol.asyncDispose]: () => site[Symbol.asyncDispose](),
  }
}

/** Each on a connection of its own, so that every thread gets some. */
async function statuses({ ready }: Tsws, times: number): Promise<number[]> {
  const answers: number[] = []
  for (let at = 0; at < times; at++)
    answers.push((await fetch(ready.url, { headers: { Connection: 'close' } })).status)
  return answers
}

const LIMIT = '[rateLimit]\nlimit = 6\nwindow = 86400\n'

test('one thread lets a client through as often as the file says', async () => {
  await using folder = await withLimit(LIMIT)
  await using tsws = await startTsws(folder.args)
  expect(await statuses(tsws, 8)).toEqual([200, 200, 200, 200, 200, 200, 429, 429])
})

describe.each([['transfer'], ['reusePort']])('two threads by %s', (strategy) => {
  test('count a client together, also after a reload', async () => {
    await using folder = await withLimit(LIMIT)
    await using tsws = await startTsws([...folder.args, '--threads', '2', '--thread-strategy', strategy])
    expect(tsws.ready).toMatchObject({ threads: 2 })
    const answers = await statuses(tsws, 12)
    expect(answers.filter((status) => status === 200)).toHaveLength(6)
    await writeFile(folder.config, LIMIT.replace('6', '8'))
    tsws.command.signal('SIGHUP')
    // Not before a thread has the new limit does another request pass; after that, two do.
    await eventually(async () => expect(await statuses(tsws, 1)).toEqual([200]), 15_000)
    await eventually(async () => expect(await statuses(tsws, 1)).toEqual([429]), 15_000)
  })
})

test('two processes count each by itself', async () => {
  await using folder = await withLimit(LIMIT)
  await using tsws = await startTsws([...folder.args, '--threads', '2', '--thread-strategy', 'cluster'])
  await eventually(async () => expect(await statuses(tsws, 1)).toEqual([429]), 15_000)
})

test('a limit that makes no sense ends the start with a line that says so', async () => {
  await using folder = await withLimit('[rateLimit]\nlimit = 0\n')
  const { code, stderr } = await runCommand(commandLine('--port', '0', ...folder.args))
  expect(code).toBe(2)
  expect(stderr).toContain('tsws.toml: rateLimit: limit must be a whole number from 1 to 1048574, got 0')
})
