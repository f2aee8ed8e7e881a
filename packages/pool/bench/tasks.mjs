// What each pool runs: the same functions for all, and piscina's and tinypool's way to name them.
export const add = (a, b) => a + b
export const echo = (value) => value
export const none = () => undefined
export const length = (buffer) => buffer.byteLength
