// piscina and tinypool call a function with one argument.
export const add = ([a, b]) => a + b
export const echo = ([value]) => value
export const length = (buffer) => buffer.byteLength
