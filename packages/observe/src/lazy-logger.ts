import { createRequire } from 'node:module'
import type { Level, Logger, pino as makePino } from 'pino'

const require = createRequire(import.meta.url)

/** pino, loaded when it is first needed: that takes as long as a quarter of a server's start. */
export function loadPino(): typeof makePino {
  return (require('pino') as { pino: typeof makePino }).pino
}

/** pino's own, which a logger answers without being there. */
const LEVELS: Logger['levels'] = Object.freeze({
  values: Object.freeze({ trace: 10, debug: 20, info: 30, warn: 40, error: 50, fatal: 60 }),
  labels: Object.freeze({ 10: 'trace', 20: 'debug', 30: 'info', 40: 'warn', 50: 'error', 60: 'fatal' }),
})

/** A logger that is made at its first line, or when its level is changed. Which level it has is known before. */
export function lazyLogger(level: Level, make: () => Logger): Logger {
  const levelVal = LEVELS.values[level]
  if (levelVal === undefined) return make() // pino says what is wrong with it
  let made: Logger | undefined
  const logger = (): Logger => (made ??= make())
  const known: Record<PropertyKey, unknown> = {
    level,
    levelVal,
    levels: LEVELS,
    isLevelEnabled: (name: string) => (LEVELS.values[name] ?? 0) >= levelVal,
  }
  return new Proxy({} as Logger, {
    get: (_, key) =>
      made === undefined && Object.hasOwn(known, key) ? known[key] : Reflect.get(logger(), key),
    set: (_, key, value) => Reflect.set(logger(), key, value),
    has: (_, key) => key in logger(),
    getPrototypeOf: () => Object.getPrototypeOf(logger()) as object,
  })
}
