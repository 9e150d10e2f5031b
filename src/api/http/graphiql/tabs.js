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

const sell = `# For admins: what the shop needs to sell to a country.
# The button that runs a query offers the operations. Copy
# the id of the ShippingZone to the variables.

query Sell {
  shop { canOrder missing shippingCountries paymentMethods { provider name } }
}

mutation ShippingZone {
  createShippingZone(input: { name: "France", countries: [{ country: "FR" }] }) {
    shippingZone { id name }
    userErrors { code field message }
  }
}

mutation ShippingMethod($zoneId: ID!) {
  createShippingMethod(input: {
    zoneId: $zoneId, name: "Parcel", minDays: 3, maxDays: 5
    brackets: [{ from: "0", price: "7.90" }, { from: "60", price: "0" }]
  }) {
    shippingMethod { id name brackets { from price { amount } } }
    userErrors { code field message }
  }
}

mutation TaxRate {
  setTaxRate(input: { country: "FR", name: "VAT", rate: "20" }) {
    taxRate { id country name rate }
    userErrors { code field message }
  }
}

mutation Discount {
  createDiscount(input: { name: "5 % off", code: "TAKE5", kind: PERCENT, percent: "5" }) {
    discount { id code percent used }
    userErrors { code field message }
  }
}
`;

const buy = `# As a guest, or signed in. A cookie that scripts can't
# read holds the token of a guest's cart. Run the
# operations from top to bottom, and copy what the next
# one needs to the variables.

query Buy {
  products(first: 5, filter: { inStock: true }) {
    nodes { name variants(first: 1) { id price { amount currency } maxQuantity } }
  }
}

mutation CreateCart($variantId: ID!) {
  createCart(input: { tokenIn: COOKIE, lines: [{ variantId: $variantId }] }) {
    cart { quantity problems { code message } }
    userErrors { code field message }
  }
}

mutation AddCartLines($variantId: ID!) {
  addCartLines(input: { lines: [{ variantId: $variantId, quantity: 1 }] }) {
    cart { quantity problems { code message } }
    userErrors { code field message }
  }
}

mutation UpdateCart {
  updateCart(input: {
    email: "ann@example.com"
    shippingAddress: { name: "Ann Lee", street1: "Main Street 1", postalCode: "10115", city: "Berlin", country: "DE" }
  }) {
    cart { shippingMethods { methodId name price { amount } } }
    userErrors { code field message }
  }
}

mutation ChooseShipping($shippingMethodId: ID!) {
  updateCart(input: { shippingMethodId: $shippingMethodId }) {
    cart {
      totals { items { amount } discount { amount } shipping { amount } tax { amount } total { amount } }
      readyToOrder
      problems { code message }
    }
    userErrors { code field message }
  }
}

mutation PlaceOrder($expectedTotal: Decimal!) {
  placeOrder(input: { expectedTotal: $expectedTotal, payment: { provider: TEST } }) {
    order { id status payUntil }
    orderToken
    payment { id status }
    userErrors { code field message }
  }
}

mutation FinishTestPayment($paymentId: ID!, $orderToken: String) {
  finishTestPayment(input: { paymentId: $paymentId, token: $orderToken, outcome: SUCCEED }) {
    order { number status paymentStatus }
    userErrors { code field message }
  }
}

query Order($orderId: ID!, $orderToken: String) {
  order(id: $orderId, token: $orderToken) {
    number
    status
    paymentStatus
    fulfillmentStatus
    lines { name quantity fulfilled total { amount } }
    totals { total { amount currency } }
    fulfillments { trackingNumber lines { line { name } quantity } }
    refunds { amount { amount } status }
  }
}
`;

const shipAndRefund = `# For admins: ships a part of an order, and refunds a
# unit of a line. Run ShipAndRefund first and copy the
# ids.

query ShipAndRefund {
  orders(first: 5) {
    nodes {
      id
      number
      status
      paymentStatus
      fulfillmentStatus
      email
      lines { id name quantity fulfilled open returned }
      totals { total { amount } }
      refundable { amount }
    }
  }
}

mutation Ship($orderId: ID!, $lineId: ID!) {
  fulfillOrder(input: {
    orderId: $orderId, lines: [{ lineId: $lineId, quantity: 1 }]
    trackingCompany: "DHL", trackingNumber: "00340434161094015902"
  }) {
    order { fulfillmentStatus lines { name fulfilled open } }
    userErrors { code field message }
  }
}

mutation Refund($orderId: ID!, $lineId: ID!) {
  refundOrder(input: { orderId: $orderId, lines: [{ lineId: $lineId, quantity: 1, restock: true }], reason: "Damaged" }) {
    order { paymentStatus refundable { amount } refunds { amount { amount } status } }
    userErrors { code field message }
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
  { query: sell, variables: json({ zoneId: 'zone_...' }) },
  {
    query: buy,
    variables: json({
      variantId: 'var_...',
      shippingMethodId: 'ship_...',
      expectedTotal: '0.00',
      paymentId: 'pay_...',
      orderId: 'order_...',
      orderToken: null,
    }),
  },
  { query: shipAndRefund, variables: json({ orderId: 'order_...', lineId: 'orderline_...' }) },
];
