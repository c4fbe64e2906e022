"""Words that tell what is near: written by hand, countries and cities also from the tz database (public domain)."""

LISTS: dict[str, frozenset[str]] = {
    "first_name": frozenset(
        """
aaron abdul abigail adam agnieszka ahmed aino aisha akiko akira alan albert alejandro alex alexander alexei alexis
ali alice amanda amber amit amy ana anastasia anders andrea andrew andrzej angela anil anjali ann anna anthony
antoine antonio antti arjun arthur ashley astrid austin ava barbara becky ben benjamin beth betty beverly billy
birgit bjorn bob bobby boris brandon brenda brian brittany bruce bryan camille carl carlos carmen carol carolyn
catherine celine charles charlotte cheryl chiara chloe chris christina christine christopher clara claude cynthia
dan daniel danielle dave david deborah debra denise dennis diana diane diego dieter dmitri donald donna doris
dorothy douglas dylan edward ekaterina elena elijah elizabeth ella emily emma eric erik ethan eugene eva evelyn ewa
fatima felix fernando frances francesca francisco frank freya gabriel gary george giovanni giulia giuseppe gloria
grace gregory greta hannah hans harry haruto hassan heather heidi heike helen henri henry hiroshi hussein ibrahim
igor ingrid irina isabel isabella ivan jack jacob jacqueline jacques jakub james jan jane janet janice jason javier
jean jeffrey jennifer jenny jens jeremy jerry jesse jessica jim jiri joan joanna joe johan john johnny jonathan
jordan jorge jose joseph joshua joyce juan judith judy juha julia julie juliette jun jurgen justin kaisa karen
katarzyna kate katherine kathleen kathryn katrin kayla keiko keith kelly kenji kenneth kevin khalid kimberly kirsten
klaus knut krzysztof kyle larry lars laura lauren lawrence layla lena leo liam liisa linda ling lisa liz logan
lorenzo lori louis luc luca lucia lucy luis lukas madison magdalena magnus malgorzata manon manuel marco marek
margaret maria mariam marie marilyn mark martha martina mary mateusz matt matteo matthew max meg megan mei melissa
mette mia michael michel michelle miguel mike mikhail mikkel mikko ming mohammed monika muhammad nancy natalia
natalie nathan neha nicholas nick nicole nikolai nils nina noah olaf ole oleg olga oliver olivia omar oscar pablo
pamela paola paolo pat patricia patrick paul pavel pawel pedro pekka peter petr petra philip pierre pilar piotr
pooja priya rachel rahul raj ralph randy ravi raymond rebecca richard robert roger ronald rosa roy russell ruth ryan
sabine sakura sam samantha samuel sandra sanjay sara sarah scott sean sergei sergio sharon shirley sigrid silvia
sofia solveig sophia soren stefan stephanie stephen steve steven sue sunita susan sven svetlana takeshi tatiana
teresa terry theresa thomas tim timothy tom tomas tony tyler ulrike uwe victoria vijay vincent virginia vladimir
walter wayne wei william willie wolfgang xiu yoko yuki yuri yusuf zachary zainab zoe
""".split()
    ),
    "place": frozenset(
        """
aaiun aalborg aarhus ababa abidjan accra adak addis adelaide aden afghanistan africa african aires alabama alaska
albania alberta algeria algiers almaty america amman amsterdam anadyr anchorage andalusia andorra angeles angola
anguilla ankara antananarivo antarctica antigua antwerp apia aqtau aqtobe arab arabia araguaina arenas argentina
arizona arkansas armenia aruba ashgabat asia asmara astrakhan asuncion athens atikokan atlanta atyrau auckland
austin australia austria azerbaijan azores baghdad bahamas bahia bahrain baku baltimore bamako banderas bangalore
bangkok bangladesh bangui banjul barbados barbuda barcelona barnaul barthelemy basel bavaria beijing beirut belarus
belem belfast belgium belgrade belize benin bergen berlin bermuda bern beulah bhutan bilbao birmingham bishkek
bissau blanc-sablon blantyre bogota boise bolivia bologna bordeaux bosnia boston botswana bougainville bouvet braga
branco brasilia bratislava brazil brazzaville bremen brisbane bristol britain brno bronx brooklyn bruges brunei
brussels bucharest budapest buenos bujumbura bulgaria burkina burma burundi busan busingen caicos cairo caledonia
cali california cambodia cambridge cameroon campo canada cancun caracas cardiff caribbean carolina casablanca
catalonia catamarca cayenne cayman ceuta chad chagos chennai chicago chihuahua chile china chisinau chuuk ciudad
cleveland cocos coimbra cologne colombia colombo colorado comoro comoros conakry congo connecticut copenhagen
cordoba costa coyhaique creek creston croatia cuba cuiaba curacao curaçao curitiba cyprus czech czechia côte dakar
dakota dallas damascus danmarkshavn darwin debrecen delaware delhi denmark denver detroit dhaka dili djibouti
domingo dominica dominican douala dresden dubai dublin dumontdurville durban dushanbe d’ivoire ecuador edinburgh
edmonton efate egypt eindhoven eirunepe emirates england equatorial eritrea espoo estonia eswatini ethiopia eucla
europe fakaofo falkland famagusta faroe faso fiji finland florence florida fortaleza france frankfurt freetown
funafuti futuna gabon gaborone galapagos gallegos gambia gdansk geneva genoa georgia germany ghana ghent gibraltar
glasgow gothenburg grande greece greenland grenada guadalcanal guadeloupe guam guangzhou guatemala guayaquil
guernsey guiana guinea guinea-bissau guyana hague haiti halifax hamburg hannover hanoi harare havana hawaii heard
hebron helsinki hermosillo herzegovina hobart honduras hong honolulu houston hovd howe hungary hyderabad iceland
idaho illinois india indian indiana indianapolis indonesia inlet inuvik iowa iqaluit iran iraq ireland irkutsk
islamabad israel istanbul italy izmir jakarta jamaica japan jayapura jerusalem johannesburg jordan juan juarez juba
jujuy juneau kabul kaliningrad kamchatka kampala kansas kanton karachi kathmandu kazakhstan keeling kentucky kenya
kerguelen khandyga kharkiv khartoum kigali kinshasa kiribati kiritimati kirov kitts kolkata kong korea kosice kosrae
krakow kralendijk krasnoyarsk kuala kuching kuwait kwajalein kyiv kyoto kyrgyzstan lagos lahore lanka laos latvia
lausanne lebanon leeds leicester leipzig leone lesotho liberia libreville libya liechtenstein lille lima lindeman
lisbon lithuania liverpool ljubljana lodz lombardy lome london longyearbyen louisiana louisville luanda lubumbashi
luis lumpur lusaka luxembourg lviv lyon maarten macau macedonia maceio macquarie madagascar madeira madrid magadan
maine majuro makassar malabo malaga malawi malaysia maldives mali malmo malta managua manaus manchester manhattan
manila manitoba maputo mariana maribor mariehamn marigot marino marquesas marseille marshall martinique maryland
maseru massachusetts matamoros mauritania mauritius mayen mayotte mazatlan mbabane mcdonald mcmurdo medellin
melbourne memphis mendoza menominee merida metlakatla mexico miami michigan micronesia milan milwaukee minh
minneapolis minnesota minsk miquelon mississippi missouri mogadishu moldova monaco moncton mongolia monrovia montana
montenegro monterrey montevideo montserrat moresby morocco moscow mozambique mumbai munich muscat myanmar nagoya
nairobi namibia nantes naples nashville nassau nauru ndjamena nebraska nelson nepal netherlands nevada nevis newark
niamey nicaragua nicosia niger nigeria niue nome norfolk noronha northern norway nottingham nouakchott noumea
novokuznetsk novosibirsk nuuk oakland odense odessa ohio ojinaga oklahoma oman omsk ontario oregon orlando osaka
oslo ostrava ouagadougou oxford pago pakistan palau palestine panama papua paraguay paramaribo paris patras paulo
pecs penh pennsylvania perth peru petersburg philadelphia philippines phnom phoenix pierre pitcairn pittsburgh
podgorica pohnpei poland polynesia pontianak port-au-prince portland porto porto-novo portugal poznan prague
pretoria principe provence puerto pune punta pyongyang qatar qostanay quebec queens queensland quito qyzylorda
rankin rarotonga recife regina republic reunion reykjavik rica rico riga rijeka rioja riyadh romania rome rosario
rothera rotterdam russia rwanda réunion sacramento sahara saipan sakhalin salaam salem salta salvador samara
samarkand samoa sandwich santarem santiago santo sarajevo saratov saskatchewan saudi saxony scoresbysund scotland
seattle senegal seoul serbia seville seychelles shanghai sheffield shenzhen sicily sierra simferopol singapore sitka
skopje slovak slovakia slovenia sofia solomon somalia spain split srednekolymsk states stavanger stockholm
strasbourg stuttgart sudan suriname svalbard swaziland sweden switzerland sydney syowa syria szeged tahiti taipei
taiwan tajikistan tallinn tampa tampere tanzania tarawa tashkent tasmania tbilisi tegucigalpa tehran tennessee texas
thailand thessaloniki thimphu thule tijuana timor tirane tobago togo tokelau tokyo tome tomsk tonga tongatapu
toronto tortola toulouse trinidad tripoli trondheim tucuman tunis tunisia turin turkey turkmenistan turku tuscany
tuvalu uae uganda uk ukraine ulaanbaatar ulyanovsk united uppsala uruguay urumqi usa ushuaia ust-nera utah utrecht
uzbekistan vaduz valencia vancouver vanuatu vatican velho venezuela venice verde vermont vevay victoria vienna
vientiane vietnam vilnius vincent virgin virginia vista vladivostok volgograd vostok wales wallis warsaw whitehorse
winamac windhoek winnipeg wisconsin wroclaw wuhan wyoming yakutat yakutsk yangon yekaterinburg yemen yerevan
yokohama york zagreb zambia zealand zimbabwe zurich åland
""".split()
    ),
    "nationality": frozenset(
        """
afghan african albanian algerian american andorran anglican angolan arab arabic argentine argentinian armenian asian
atheist australian austrian azerbaijani bahamian bahraini bangladeshi baptist barbadian belarusian belgian belizean
beninese bhutanese bolivian bosnian brazilian british briton bruneian buddhist bulgarian burmese burundian cambodian
cameroonian canadian catholic chadian chechen chilean chinese christian colombian communist congolese conservative
costarican croat croatian cuban cypriot czech dane danish democrat dominican dutch dutchman ecuadorean ecuadorian
egyptian emirati english englishman englishwoman eritrean estonian ethiopian european evangelical fijian filipino
finn finnish french frenchman gabonese gambian georgian german ghanaian greek greenlandic guatemalan guinean
guyanese haitian hindu hispanic honduran hungarian icelandic indian indonesian iranian iraqi irish irishman israeli
italian ivorian jamaican japanese jew jewish jordanian kazakh kenyan korean kurd kurdish kuwaiti kyrgyz laotian
latina latino latvian lebanese liberal liberian libertarian libyan lithuanian lutheran luxembourgish macedonian
malagasy malawian malaysian maldivian malian maltese marxist mauritanian mauritian methodist mexican moldovan
mongolian montenegrin mormon moroccan moslem mozambican muslim namibian nepalese nepali nicaraguan nigerian nigerien
norwegian omani orthodox pakistani palestinian panamanian paraguayan persian peruvian pole polish portuguese
protestant qatari quaker republican romanian russian rwandan salvadoran samoan saudi scot scottish senegalese serb
serbian shia shii shiite sikh singaporean slovak slovenian socialist somali spaniard spanish sudanese sunni
surinamese swazi swede swedish swiss syrian taiwanese tajik tanzanian thai tibetan togolese tongan trinidadian
tunisian turk turkish turkmen ugandan ukrainian uruguayan uzbek venezuelan vietnamese welsh yemeni zambian
zimbabwean
""".split()
    ),
    "street": frozenset(
        """
aleja aleje allee alley allée apartment apo apt ave avenida avenue blvd boulevard box bridge calle camino chemin
circle close corso court courts coves crescent ct damm dpo dr drive floor fpo gade gardens gasse gata gatan gate
gatvė gracht grove highway hill hwy iela impasse katu kuja laan lane largo ln loop mews mount nám náměstí os osiedle
parkway paseo pass piazza pkwy pl place plads platz plaza plein po polku praça psc quai rd ring road row rua rue sq
square st steenweg str straat strada strasse straße street suite tee terrace tie trail travessa trg turnpike tänav
tér třída ufer ul ulica ulice unit utca vegen veien vej via viale vicolo väg vägen walk way weg út útja
""".split()
    ),
    "company": frozenset(
        """
ab ag agency airlines analytics as associates association bank bv capital club co college committee company
consulting corp corporation council department electric energy enterprises financial foundation gmbh group health
holdings hospital inc incorporated industries institute insurance international kg labs limited llc llp ltd media
ministry motors networks nv oy partners pharmaceuticals plc sa sarl school services society software solutions sons
spa srl systems technologies technology union university ventures
""".split()
    ),
    "title": frozenset(
        """
capt captain colonel dds don dona doña dr dvm esq frau general herr hon jr judge lady lieutenant lord madam madame
major md miss mlle mme monsieur mr mrs ms mx phd prof professor rev reverend senor sergeant señor señora sir sr sra
""".split()
    ),
    "job": frozenset(
        """
accountant actor actress actuary administrator agent analyst architect artist assembler assistant astronomer
attendant attorney auditor author baker banker barber bartender biologist bookkeeper boss broker builder butcher
buyer captain carpenter cashier ceo cfo chauffeur chef chemist chief cinematographer cleaner clerk coach consultant
contractor cook coordinator counselor courier cto curator dancer dealer decorator dentist designer detective
developer director dispatcher doctor drafter driver economist editor electrician engineer engraver estimator
examiner executive farmer firefighter fisher fumigator gardener geologist glazier governor groomer guard guide
hairdresser historian host inspector installer instructor interpreter janitor jeweler journalist judge keeper
laborer lawyer lecturer librarian lifeguard linguist locksmith logger machinist maid manager manicurist mason
mathematician mayor mechanic mediator merchandiser merchant messenger midwife miner minister model molder musician
nanny negotiator nurse nutritionist officer operator optician optometrist packager packer painter paralegal
paramedic pharmacist photographer physician physicist physiologist pilot planner plasterer platemaker plumber poet
police porter postman presenter president priest principal producer professor programmer promoter psychiatrist
psychologist publicist publisher receptionist recruiter referee registrar repairer reporter researcher roofer sailor
salesman salesperson scientist sculptor secretary seller senator singer social sociologist soldier specialist
spokesman spokeswoman statistician steward strategist superintendent supervisor surgeon surveyor tailor teacher
technician technologist teller therapist trader trainer translator treasurer trustee tutor undertaker upholsterer
usher veterinarian waiter waitress warden weaver welder worker writer zoologist
""".split()
    ),
    "day": frozenset(
        """
fri friday mon monday sat saturday sun sunday thu thur thurs thursday tue tues tuesday wed wednesday
""".split()
    ),
    "month": frozenset(
        """
apr april aug august dec december feb february jan january jul july jun june mar march may nov november oct october
sep sept september
""".split()
    ),
    "kin": frozenset(
        """
aunt boss boyfriend brother called child client colleague cousin customer daughter father friend girlfriend
grandfather grandmother guardian husband kid maiden mother name named neighbor neighbour nephew niece partner
patient sister son surname uncle wife
""".split()
    ),
    "particle": frozenset(
        """
af al av ben bin da das de del della den der di do dos el ibn la le mac mc o' ten ter van von zu
""".split()
    ),
}
"""What kind of word it is, and the words in small letters."""
