"""`/demo/mailbox/…`: pages of the demo only."""

from django.urls import path

from billing_desk.demo import mailbox

app_name = "demo"
urlpatterns = [
    path("mailbox/", mailbox.boxes, name="boxes"),
    path("mailbox/write", mailbox.write, name="write"),
    path("mailbox/<str:address>/", mailbox.box, name="box"),
    path("mailbox/<str:address>/<str:key>/html", mailbox.html_part, name="html-part"),
]
