"""Lists products, signs in, refreshes the session, uploads an avatar and signs out.

    python example.py http://127.0.0.1:8000/graphql ann@example.com 'correct horse 9' photo.jpg
"""

import sys
from pathlib import Path

from shop import Shop

url, email, password, photo = sys.argv[1:]
shop = Shop(url)
for product in shop.products(search="candle"):
    print(f"{product.name}: {product.price} {product.currency}")

shop.sign_in(email, password)
shop.refresh()
print("signed in as", shop.execute("Me")["me"]["name"])
print("avatar at", shop.upload_avatar(Path(photo)))
shop.sign_out()
