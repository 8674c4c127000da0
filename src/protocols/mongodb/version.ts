// The MongoDB that FacetDB introduces itself as.

export const mongodbVersion = '7.0.14';
export const mongodbVersionParts = [7, 0, 14, 0] as const;
/** Of MongoDB 7.0. */
export const maxWireVersion = 21;
