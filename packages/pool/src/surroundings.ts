// What a program may want to know before it starts a pool, or none: loaded without the pool itself.
export { usableParallelism } from './parallelism.ts'
export { strategyHere } from './server-strategy.ts'
export type { Strategy } from './server-strategy.ts'
