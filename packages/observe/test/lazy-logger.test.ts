import { spawnSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { createLogger } from '../src/index.ts'

/** Runs code in a process of its own, where `loaded()` says whether pino is there; answers what it put into `said`. */
function run(code: string): unknown {
  const index = JSON.stringify(new URL('../src/index.ts', import.meta.url).href)
  const program = `
    import { createRequire } from 'node:module'
    import { accessLog, createLogger } from ${index}
    const { cache } = createRequire(import.meta.url)
    const loaded = () => Object.keys(cache).some((path) => path.includes('pino'))
    const said = []
    ${code}
    process.stderr.write(JSON.stringify(said))`
  const { stderr } = spawnSync(
    process.execPath,
    ['--conditions=@tsws/source', '--input-type=module', '-e', program],
    { cwd: import.meta.dirname, encoding: 'utf8' },
  )
  return JSON.parse(stderr)
}

describe('pino', () => {
  test('is loaded at the first line that is not of the access log', () => {
    const said = run(`
      said.push(loaded())
      const log = createLogger({ destination: { write() {} } })
      accessLog(log.logger)
      said.push(loaded(), log.logger.isLevelEnabled('debug'), log.logger.isLevelEnabled('warn'))
      said.push(log.logger.level, loaded())
      log.logger.warn('a line')
      said.push(loaded())`)
    expect(said).toEqual([false, false, false, true, 'info', false, true])
  })
})

describe('a logger that is not there yet', () => {
  test('answers about its level as pino would', () => {
    for (const level of ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const) {
      const { logger: lazy } = createLogger({ level, destination: { write: () => true } })
      const { logger: made } = createLogger({ level, destination: { write: () => true } })
      made.debug('it is made') // or passed over
      for (const name of ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'unknown']) {
        expect(lazy.isLevelEnabled(name)).toBe(made.isLevelEnabled(name))
      }
      expect([lazy.level, lazy.levelVal]).toEqual([made.level, made.levelVal])
      expect(lazy.levels.values).toEqual(made.levels.values)
    }
  })

  test('of an unknown level is refused at once', () => {
    expect(() => createLogger({ level: 'loud' as 'info' })).toThrow(/loud/)
  })

  test('has children, and is what pino makes', async () => {
    const lines: string[] = []
    const { logger, flush } = createLogger({ destination: { write: (line: string) => lines.push(line) > 0 } })
    logger.child({ part: 1 }).info('from a child')
    logger.level = 'error'
    logger.info('too low')
    await flush()
    expect(lines).toHaveLength(1)
    expect(JSON.parse(lines[0]!)).toMatchObject({ part: 1, msg: 'from a child' })
    expect('child' in logger).toBe(true)
  })
})
