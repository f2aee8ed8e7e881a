// By itself, so that a main thread that only starts others need not load what they do.
export { shareAcrossThreads } from './thread-group.ts'
