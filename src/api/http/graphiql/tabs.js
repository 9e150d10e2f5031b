// The tabs of a first visit.

const products = `# Write a query and run it against this shop.
# Ctrl+Enter runs it, Ctrl+Space suggests fields.
# The book icon at the left opens the documentation.

query Products {
  products(first: 10, sort: { field: NAME, direction: ASC }) {
    totalCount
    nodes {
      id
      name
      slug
      price { amount currency }
      availability
      category { name slug }
      image { url(transform: { width: 320 }) alt width height }
    }
    pageInfo { hasNextPage endCursor }
  }
}
`;

const product = `# One product by its slug, for a product page.
# The variables are below. Point at a url in the
# response to see the image.

query Product($slug: String!) {
  product(slug: $slug) {
    name
    description
    price { amount currency }
    stock
    category { name slug ancestors { name slug } }
    images { url(transform: { width: 640 }) alt width height }
  }
}
`;

const categories = `# The menu of a shop: a tree of categories.

query Categories {
  categories(filter: { level: 0 }) {
    nodes {
      name
      slug
      children { name slug children { name slug } }
    }
  }
}
`;

const me = `# Sign in first, with the button at the top right.
# An Authorization header in "Headers" below takes
# precedence.

query Me {
  me { id name email role }
  sessions { userAgent address lastUsedAt current }
}
`;

const newProduct = `# For admins: creates a draft product. First run
# CategoryIds and copy an id to the variables.

mutation NewProduct($input: CreateProductInput!) {
  createProduct(input: $input) {
    product { id name slug price { amount currency } stock status version }
    userErrors { code field message }
  }
}

query CategoryIds {
  categories(first: 20) { nodes { id name level } }
}
`;

const upload = `# GraphiQL can't choose files. With curl, as an admin,
# with the token of "Copy token" (valid for ten
# minutes) and a product's id from the query below:
#
# curl ${location.origin}/graphql \\
#   -H "Authorization: Bearer $TOKEN" \\
#   -H 'apollo-require-preflight: true' \\
#   -F 'operations={
#     "query": "mutation($input: UploadProductImagesInput!) { uploadProductImages(input: $input) { images { url } userErrors { message } } }",
#     "variables": {"input": {"productId": "prod_...", "files": [null]}}}' \\
#   -F 'map={"0": ["variables.input.files.0"]}' \\
#   -F '0=@photo.jpg'

query ImageUpload {
  products(first: 10) {
    nodes { id name images { url } }
  }
}
`;

const json = value => JSON.stringify(value, null, 2);

export const defaultTabs = [
  { query: products },
  { query: product, variables: json({ slug: 'enamel-jug' }) },
  { query: categories },
  { query: me },
  {
    query: newProduct,
    variables: json({ input: { name: 'Green Tea', price: '4.90', stock: 12, status: 'DRAFT', categoryId: 'cat_...' } }),
  },
  { query: upload },
];
