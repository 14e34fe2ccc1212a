"""What practitioners of the demo suggest, and what the Board answers. All of it is invented."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from learninghubs.choices import Answer

# The themes of the demo, by the end of their address.
GANGS, NEGLECT, WELLBEING = "gangs-and-knife-crime", "neglect-noticing-early", "emotional-wellbeing"


@dataclass(frozen=True, slots=True)
class Topic:
    """One matter: as a practitioner puts it, and what is done where the Board accepts it; the theme that it belongs to,
    or none."""

    title: str
    now: str
    change: str
    good: str
    action: str
    reason: str
    theme: str = ""


TOPICS: Final = (
    Topic(
        "Tell the referrer what became of a referral",
        "we make referrals and hear nothing for weeks. Some of us ring to ask, which takes the time of two services.",
        "Whoever makes a referral is told within five working days what was decided and why, in two sentences.",
        "Nobody rings to ask any more, and staff say that referring is worth while.",
        "Send the referrer the outcome within five working days, and audit it after six months",
        "Members heard the same in three hubs. Feedback keeps people referring.",
    ),
    Topic(
        "One number for advice before a referral",
        "it is hard to know whom to ask when we are not sure about the threshold. There are four numbers.",
        "One line for advice, staffed in school hours, for every agency.",
        "Referrals are better prepared, and fewer come back for want of information.",
        "Bring the four advice lines together in one, with a common script",
        "Three of the four lines are staffed by one service already.",
    ),
    Topic(
        "Share who is the lead practitioner",
        "families tell us that they do not know who holds their plan, and neither do we.",
        "The lead practitioner’s role and team stand on the first page of every plan, for all who are in it.",
        "A family can say who to ring, and so can we.",
        "Put the lead practitioner’s team on the first page of every plan",
        "It costs little, and was found wanting in the last audit.",
    ),
    Topic(
        "Safer routes home from school",
        "older children wait at the bus stops where younger ones are approached. We see it most days from October on.",
        "Bus companies, police and schools agree who is there at the end of the day in the dark months.",
        "Pupils say in the survey that they feel safe on the way home.",
        "Agree a winter rota at the six busiest stops with bus companies and schools",
        "The neighbourhood teams can do this within their present hours.",
        GANGS,
    ),
    Topic(
        "Teach staff the language of gangs",
        "words that pupils use mean nothing to us until somebody explains them, and they have changed by then.",
        "A page of terms, kept up to date by youth workers, sent out every term.",
        "Staff notice earlier, and say so in supervision.",
        "Publish a glossary each term, written with youth workers",
        "Youth justice keeps such a list and will share it.",
        GANGS,
    ),
    Topic(
        "A knife arch is no plan",
        "schools borrow a knife arch once and do not know what to do with what it finds or how it feels to pupils.",
        "Guidance on what to do before, during and after, written with pupils.",
        "The arch is one part of a plan that pupils can explain.",
        "Write guidance on searches and arches with pupils of two schools",
        "Schools asked for it twice, and police will help to write it.",
        GANGS,
    ),
    Topic(
        "Mentors who stay",
        "mentors are commissioned for twelve weeks. Trust begins in week ten.",
        "Commission mentoring for at least nine months, with the same person.",
        "Young people finish with the mentor they began with.",
        "Write a minimum of nine months into the next mentoring contract",
        "The evidence from two districts is good. The contract is let again in spring.",
        GANGS,
    ),
    Topic(
        "Reachable moments in accident and emergency",
        "a young person who comes in hurt is gone before anybody from outside the hospital could speak to them.",
        "A youth worker in both emergency departments on Friday and Saturday nights.",
        "Most of those who are hurt are seen on the same night.",
        "Run youth workers in both emergency departments for six months and evaluate",
        "A pilot elsewhere in the region reached half of those who came.",
        GANGS,
    ),
    Topic(
        "One neglect tool for everybody",
        "we use one tool, our partners another, and the results cannot be put side by side.",
        "All agencies use the same tool, with a half-hour briefing.",
        "A conference has one picture of neglect before it, not three.",
        "Brief every team in the shared neglect tool",
        "The shared tool works where it is known. Another would start from nothing.",
        NEGLECT,
    ),
    Topic(
        "What housing officers see",
        "housing officers see homes that nobody else sees, and have no way to tell anybody short of a full referral.",
        "A short form from housing to early help, with an answer.",
        "Damp, cold and crowding are known before a crisis.",
        "Set up a short route from housing to early help in all districts",
        "Two districts have one, and early help welcomes it.",
        NEGLECT,
    ),
    Topic(
        "Dental decay as a sign",
        "dentists note missed appointments and decay, and do not know that it may be neglect, or whom to tell.",
        "A page for dental practices, and a named contact in the safeguarding team.",
        "Dentists take part in plans where teeth are a part of the concern.",
        "Send all dental practices a page on neglect with a contact",
        "The designated nurse will write it this quarter.",
        NEGLECT,
    ),
    Topic(
        "Missed appointments are not the child’s choice",
        "letters still say that a child did not attend, as if they could decide, and after two the case is closed.",
        "Record that the child was not brought, and ask why before closing.",
        "No case is closed for missed appointments without a conversation.",
        "Replace “did not attend” by “was not brought” in all health records",
        "Most trusts have changed it. The rest can with the next release.",
        NEGLECT,
    ),
    Topic(
        "Weekends and holidays",
        "what families get from school stops on the last day of term, and hunger does not.",
        "Schools and early help agree before each holiday who is in touch with which families.",
        "The first week of term no longer begins with a rush of referrals.",
        "Hold a holiday check in each school’s last fortnight of term",
        "Half of the schools do it already, and share how.",
        NEGLECT,
    ),
    Topic(
        "Fathers in the room",
        "plans are made with mothers. Fathers are asked late or not at all.",
        "Every plan says what the father was asked and what he said, or why not.",
        "Audits find the father’s voice in most plans.",
        "Add the question to the audit tool and report on it twice a year",
        "It was found in both of the last reviews.",
    ),
    Topic(
        "Interpreters who are not relatives",
        "older brothers and sisters interpret at home visits because booking an interpreter takes a week.",
        "A telephone interpreter at a minute’s notice, for every agency.",
        "No child interprets for its parents about its own safety.",
        "Let every agency use the council’s telephone interpreters",
        "The contract allows it, and the cost is small.",
    ),
    Topic(
        "Shared plan for anxious attendance",
        "school, health and early help each write a plan for the same child. None knows of the others.",
        "One plan that the child has had a say in, held by whoever sees the child most.",
        "The child can say what is agreed.",
        "Try one shared plan in each hub for two terms",
        "The hubs want to try it, and no new money is needed.",
        WELLBEING,
    ),
    Topic(
        "While a family waits",
        "after a referral for emotional support families hear nothing for months, and think that they are forgotten.",
        "A message each month that says where they are on the list, and what helps in the meantime.",
        "Parents say that they knew what would happen next.",
        "Send a monthly message to every family on the waiting list",
        "The service has a system that can do it.",
        WELLBEING,
    ),
    Topic(
        "School nurses at transition",
        "what primary schools know about a child’s worries does not reach the secondary school before October.",
        "A meeting in June between the two schools and the school nurse for the children who need it.",
        "The secondary school knows on the first day.",
        "Hold transition meetings in June in every district",
        "It has worked in one district for three years.",
        WELLBEING,
    ),
    Topic(
        "Quiet places in police stations",
        "children who are brought in wait on a bench beside adults.",
        "A room in each station where a child can wait with somebody they know.",
        "No child waits among adults.",
        "Set aside a room for children in each of the five stations",
        "Two stations have a room, and others can find one.",
    ),
    Topic(
        "Supervision for designated leads",
        "designated leads in schools carry heavy cases alone. Nobody asks them how they are.",
        "Group supervision every half term, led by somebody from outside the school.",
        "Leads stay in the role, and say that they feel supported.",
        "Offer group supervision every half term in each hub",
        "Schools have asked for it for two years.",
        WELLBEING,
    ),
    Topic(
        "Minutes within a week",
        "minutes of strategy meetings reach us after the next meeting.",
        "Actions go out on the same day, minutes within five working days.",
        "Everybody comes to the next meeting with their actions done.",
        "Send actions of strategy meetings on the same day",
        "It is in the procedures already, and is not kept.",
    ),
    Topic(
        "Early years in the conversation",
        "nurseries and childminders know children best and are invited least.",
        "Invite them to every meeting about a child under five, at an hour that they can manage.",
        "They take part in most of those meetings.",
        "Put early years settings on the invitation list, with a choice of hours",
        "Online meetings make it possible.",
    ),
    Topic(
        "Private fostering is not known",
        "teachers do not know what private fostering is or that it must be notified.",
        "A five-minute film for staff rooms, and a question at admission.",
        "More arrangements are known.",
        "Make a short film on private fostering and a question for admission forms",
        "Notifications in the county are few for its size.",
    ),
    Topic(
        "Children who move county",
        "families placed here by other councils arrive without anything about their children.",
        "Housing tells the hub on the day, and the hub asks the other council.",
        "Schools and health visitors know within a week.",
        "Agree a notification with the councils that place families here",
        "Two neighbouring councils are willing.",
    ),
    Topic(
        "Online harm after school",
        "we hear on Monday what happened in group chats on Saturday night, and it is too late by then.",
        "A short guide for parents on what to keep, what to report and where.",
        "Parents report themselves, and keep what is needed.",
        "Send a guide on online harm to all parents through schools",
        "Police and schools have written it together.",
        GANGS,
    ),
    Topic(
        "Voice of the child in the chronology",
        "chronologies list what adults did. One reads ten pages without hearing the child.",
        "A column for what the child said or showed.",
        "Whoever reads it knows the child.",
        "Add the column to the shared chronology",
        "It costs nothing, and changes how people listen.",
    ),
    Topic(
        "Young carers are missed",
        "children who care for a parent are known to the adults’ service and to nobody else.",
        "The adults’ service asks whether there are children at home, and tells the young carers’ service.",
        "Every young carer is offered an assessment.",
        "Add the question to the adults’ assessment form",
        "Both services agree, and the form is revised in the autumn.",
        WELLBEING,
    ),
    Topic(
        "Domestic abuse: tell nurseries too",
        "schools are told on the morning after an incident. Nurseries are not.",
        "Extend the notice to nurseries and childminders.",
        "A small child is met by somebody who knows that the night was bad.",
        "Extend the notices to all registered settings",
        "The law allows it, and the system can be set up by spring.",
    ),
    Topic(
        "Pathways on one page",
        "the threshold document has forty pages. New staff do not read it.",
        "One page for each kind of worker: what you may see, what you do, whom you ring.",
        "New staff can say what they would do.",
        "Draw one page for each of six kinds of worker",
        "The full document stays. The pages lead into it.",
    ),
    Topic(
        "Sports clubs and tuition centres",
        "clubs and tuition centres see children every week and are in no network.",
        "A yearly evening for them in each district, and a contact.",
        "They ring before it is serious.",
        "Hold an evening for clubs and tuition centres in every district",
        "District councils know most of them and will invite them.",
    ),
)

WHERE: Final = (
    "In our team",
    "At our school",
    "In the families that we work with",
    "On my patch",
    "In our service",
    "Where I work",
)
ALSO: Final = (
    "",
    " Colleagues at the forum said the same.",
    " It has been so for as long as I have been here.",
    " It has become worse this year.",
    " New staff ask about it in their first month.",
)
REASONS: Final = {
    Answer.ALREADY: (
        "This is in place since the spring, but not everybody knows it. The newsletter will say how to use it.",
        "The service has begun with it in two districts, and the others follow this year.",
    ),
    Answer.NOT_NOW: (
        "Members agree with the aim. There is no money for it this year; it comes back when the budget is set.",
        "The system that it needs is replaced next year, and it would have to be built twice. It comes back then.",
    ),
    Answer.NO: (
        "The law does not let these records be shared without a concern about the child. The advice line can help.",
        "It would take staff from the front door, which the Board does not want. The reviewed form is meant to help.",
        "What was tried elsewhere made no difference to children, at a high cost.",
    ),
}
NOT_TAKEN: Final = (
    "It is about one agency’s own staffing. We have passed it on to its safeguarding lead.",
    "The Board answered the same last spring: see the page of answers.",
    "It is about a matter of another county. We have told its partnership.",
)
QUESTIONS: Final = (
    ("How often do you see this in a month?", "About once a week, more in winter."),
    ("Which services have you spoken to about it?", "Early help and the school nurses. Both agree."),
    ("Is it the same in the other half of the district?", "I have asked: yes, it is."),
    ("Would a change in the form be enough?", "It would help. People also need to be told."),
)
SHOWN: Final = (
    "A sample of twenty found it done in seventeen. Staff say that it saves them calls.",
    "Three of five teams use it. Families notice, by what they say in the survey.",
    "Calls about it have halved since.",
)
NOT_SHOWN: Final = (
    "It was done, but the audit finds no difference yet in what children get.",
    "Few teams took it up. The hub will ask why.",
)
EVIDENCE: Final = (
    "The change went live, and teams were told by a briefing.",
    "Done and tested in all districts; the note of the meeting says so.",
)
HELD: Final = (
    "we make referrals and hear nothing. The team can be reached on 07700 900318 and nobody answers.",
    "we wait for weeks. Ring 01632 960157 and you will be told the same.",
)
FIRST_NAMES: Final = """
Abena Bridget Carys Dev Eleri Femi Greta Hollis Isla Jonah Keziah Lorcan Maeve Nikhil Orla Pascal Rhoda Selwyn Tamsin
Uma Verity Wren Yusuf Zelda Anselm Blythe Corin Dinah Emrys Flora
"""
LAST_NAMES: Final = """
Ashdown Blackwell Castellan Dunmore Eastwick Fairburn Greenhalgh Hollins Ingleby Jarrold Kettering Larkham Midwinter
Norcott Ormerod Pemberley Quarmby Rowntree Stanwick Thornbury Underhill Venning Westerby Yarwood
"""
