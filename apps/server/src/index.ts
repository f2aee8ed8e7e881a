export { DEFAULTS } from './options.ts'
export type { ServerConfig } from './options.ts'
export { prepareServer, startServer } from './start-server.ts'
export type { PreparedServer, RunningServer } from './start-server.ts'
