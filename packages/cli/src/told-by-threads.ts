// What the main thread does with what threads tell it: loaded while they start.
export { openLogOfThreads } from './log-of-threads.ts'
export { MetricsOfThreads } from './metrics-of-threads.ts'
