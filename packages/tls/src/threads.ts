// By itself, so that a main thread that only starts others need not load what they do.
export { shareTicketKeysAcrossThreads } from './ticket-keys.ts'
