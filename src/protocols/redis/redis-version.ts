// The Redis whose behaviour this is, as clients are told.

export const redisVersion = '7.0.15';
