import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import sync_playwright
from learninghubs import links
from learninghubs.choices import *
from learninghubs.models import *
from learninghubs.services import sending, subscriber_import
from hscp.lib.spreadsheet import Row
from tests.factories import *
from tests.learninghubs.test_sending import readers, approved

@pytest.mark.django_db(transaction=True)
def test_shoot(live_server, client, ursula, hub, other_hub, smtp_server):
    import os
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]="1"
    ThemeFactory()
    made=readers(hub,60)
    smtp_server.refused={made[0].email:"550 5.1.1 No such person here", made[1].email:"452 4.2.2 Mailbox full"}
    issue=sending.start(approved(hub),by=None); sending.send(issue.pk)
    rep=subscriber_import.import_list([Row(2,{"email":"new@agency.example","hubs":""}),Row(3,{"email":"nonsense","hubs":""}),Row(4,{"email":made[3].email,"hubs":""})],filename="leads.csv",hubs=[hub],agreed=True,by=ursula)
    from tests.learninghubs.boards import make_answer
    ans=make_answer(hub)
    client.force_login(ursula)
    cookie=client.cookies[settings.SESSION_COOKIE_NAME].value
    pages={"subscribe":"/newsletters/subscribe/","prefs":links.preferences_path(made[5]),"unsub":links.unsubscribe_path(made[5]),"bad":"/newsletters/confirm/x/"}
    inside={"list":"/newsletters/readers/","one":made[0].__class__.objects.get(pk=made[0].pk).get_absolute_url(),"import":"/newsletters/readers/import/","report":rep.get_absolute_url(),"progress":f"/newsletters/issues/{issue.pk}/sending/","telling":f"/suggestions/{ans.suggestion_id}/telling/"}
    with sync_playwright() as p:
        b=p.chromium.launch(executable_path="/usr/bin/chromium",args=["--no-sandbox"])
        for w in (1280,375):
            for group,ck in ((pages,False),(inside,True)):
                c=b.new_context(viewport={"width":w,"height":800}); 
                if ck: c.add_cookies([{"name":settings.SESSION_COOKIE_NAME,"value":cookie,"url":live_server.url}])
                pg=c.new_page()
                for n,u in group.items():
                    r=pg.goto(live_server.url+u); pg.screenshot(path=f"/tmp/shots/sending-{n}-{w}.png",full_page=True)
                    print(w,n,r.status,pg.title(),"OVERFLOW" if pg.evaluate("document.documentElement.scrollWidth>window.innerWidth") else "")
                c.close()
        b.close()
