export const sqlOperators = { $eq: '=', $lt: '<', $lte: '<=', $gt: '>', $gte: '>=' } as const;
