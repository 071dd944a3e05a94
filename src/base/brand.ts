/** Brands keep numbers of different meaning apart at compile time; they cost nothing at run time. */
declare const brand: unique symbol;

export type Branded<Base, Name extends string> = Base & { readonly [brand]: Name };
