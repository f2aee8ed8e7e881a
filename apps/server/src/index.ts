export { DEFAULTS } from './options.ts'
export type { ServerConfig } from './options.ts'
export { startServer } from './start-server.ts'
export type { RunningServer } from './start-server.ts'
